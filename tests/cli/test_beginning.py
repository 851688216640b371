"""Making agents on the command line: init, demo, and what comes with gitagent."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from support.building import ADA, git
from support.commandline import Cli, Ran, process

from gitagent import Agent, templates
from gitagent.cli import tour
from gitagent.config import schemas
from gitagent.config.layouts import agent_name
from gitagent.version import VERSION

ROOT = Path(__file__).parents[2]


@pytest.fixture
def empty(tmp_path: Path, at: Callable[[Path], Cli]) -> Cli:
    """The command line in an empty folder."""
    (tmp_path / "work").mkdir()
    return at(tmp_path / "work")


def test_init_makes_an_agent_of_a_template(empty: Cli) -> None:
    assert empty("init", "mine", "--template", "restaurant", "--name", "First", "-m", "To begin with") == Ran(
        0,
        'Made the agent Lantern House reservations in <tmp>/work/mine, with v1 "First".\n'
        "Its pipeline is sandbox → pre-release → live; nothing is served yet.\n"
        "Next: cd mine && gitagent publish\n",
    )
    version = Agent.open(empty.folder / "mine").version("v1")
    assert (version.name, version.message, version.actor) == ("First", "To begin with", ADA)


def test_init_takes_over_the_files_that_stand_there(empty: Cli) -> None:
    (empty.folder / "prompt.md").write_text("Hello\n")
    assert empty("init", "--pipeline", "staging,production") == Ran(
        0,
        "Made the agent work in <tmp>/work, with v1.\n"
        "Its pipeline is staging → production; nothing is served yet.\n"
        "Next: gitagent publish\n",
    )


def test_init_copies_another_folder(empty: Cli) -> None:
    (empty.folder / "old").mkdir()
    (empty.folder / "old" / "prompt.md").write_text("Hello\n")
    record = empty.json("init", "new", "--from", "old")
    assert (record["format"], record["agent"], record["version"]) == ("gitagent.init/1", "new", "v1")
    assert record["pipeline"] == ["sandbox", "pre-release", "live"]
    assert (empty.folder / "new" / "prompt.md").read_text() == "Hello\n"
    assert sorted(path.name for path in (empty.folder / "old").iterdir()) == ["prompt.md"]


def test_init_takes_over_a_git_repository_with_its_own_identity(empty: Cli, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main", str(empty.folder))
    git(empty.folder, "config", "user.name", "Local Person")
    (empty.folder / "prompt.md").write_text("Hello\n")
    git(empty.folder, "add", ".")
    git(empty.folder, "commit", "-q", "-m", "Before gitagent")
    assert empty("init").code == 0
    assert Agent.open(empty.folder).version("v1").actor.name == "Local Person"
    assert "Before gitagent" in git(empty.folder, "log", "main")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["init"], 3, "there are no files to make an agent of"),
        (["init", "x", "--template", "restaurnt"], 3, "no template 'restaurnt'"),
        (["init", "x", "--template", "clinic", "--from", "."], 2, "--template and --from exclude each other"),
        (["init", "x", "--from", "nowhere"], 3, "is not a folder"),
        (["init", "x", "--template", "blank", "--pipeline", "a,a"], 3, "different environments"),
        (["init", "x", "--template", "blank", "--pipeline", "Live!"], 3, "'Live!' is not a name"),
        (["init", "x", "--template", "blank", "--pipeline", ""], 3, "is not a name"),
    ],
)
def test_init_refuses_and_leaves_nothing_behind(arguments: list[str], code: int, message: str, empty: Cli) -> None:
    ran = empty(*arguments)
    assert (ran.code, ran.out) == (code, "")
    assert message in ran.err
    assert list(empty.folder.iterdir()) == []


def test_init_inside_an_agent_is_refused(empty: Cli) -> None:
    assert empty("init", "mine", "--template", "blank").code == 0
    (empty.folder / "mine" / "topics").mkdir(exist_ok=True)
    (empty.folder / "link").symlink_to(empty.folder / "mine")
    for where, name in (("mine/topics", "topics"), ("mine/new/one", "one"), ("link/one", "one")):
        for arguments in ([], ["--template", "blank"], ["--dry-run"]):
            ran = empty("init", where, *arguments)
            assert (ran.code, ran.out) == (3, "")
            assert ran.err == (
                f"error: <tmp>/work/{where} is inside the agent <tmp>/work/mine\n"
                f"hint: Choose a folder outside it, such as <tmp>/work/{name}.\n"
            )
    assert not (empty.folder / "mine" / "new").exists()


def test_init_inside_a_repository_that_is_no_agent_is_none_of_our_business(empty: Cli) -> None:
    git(empty.folder, "init", "-q")
    assert empty("init", "mine", "--template", "blank").code == 0


@pytest.mark.parametrize("arguments", [["mine", "--template", "blank"], ["copied", "--from", "mine"], ["mine"]])
def test_a_dry_run_of_init_says_what_it_would_make_and_makes_nothing(arguments: list[str], empty: Cli) -> None:
    if "--template" not in arguments:
        (empty.folder / "mine").mkdir()
        (empty.folder / "mine" / "agent.yaml").write_text("name: Desk\ngreeting: Hi ${who}\nprompt: Be brief.\n")
    before = sorted(empty.folder.rglob("*"))
    ran = empty("init", *arguments, "--dry-run")
    blank = templates.load("blank")
    files = f"{len(blank)} files" if "--template" in arguments else "1 file, and 1 warning"
    name = agent_name(blank) if "--template" in arguments else "Desk"
    assert ran == Ran(
        0,
        f"This would make the agent {name} in <tmp>/work/{arguments[0]}, with v1 of {files}.\n"
        "Its pipeline would be sandbox → pre-release → live.\n"
        "Nothing was changed (--dry-run).\n",
    )
    assert sorted(empty.folder.rglob("*")) == before
    record = empty.json("init", *arguments, "--dry-run")
    assert (record["dry_run"], record["agent"], record["path"]) == (True, name, f"<tmp>/work/{arguments[0]}")
    assert empty("init", *arguments).code == 0


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (["status"], "no-files"),
        (["branch", "live"], "name-taken"),
        (["tag", "v3"], "name-taken"),
        (["switch", "-q", "-c", "feature"], "head-not-on-main"),
    ],
)
def test_a_dry_run_of_init_is_refused_like_init(prepare: list[str], code: str, empty: Cli) -> None:
    git(empty.folder, "init", "-q", "-b", "main")
    if code != "no-files":
        (empty.folder / "notes.md").write_text("one\n")
        git(empty.folder, "add", ".")
        git(empty.folder, "commit", "-q", "-m", "one")
    git(empty.folder, *prepare)
    if code == "head-not-on-main":
        git(empty.folder, "commit", "-q", "--allow-empty", "-m", "two")
    dry, real = (json.loads(empty("init", "--json", *more).out)["error"] for more in (["--dry-run"], []))
    assert dry == real
    assert dry["code"] == code


def test_init_tells_that_edits_without_a_commit_are_taken_along(empty: Cli) -> None:
    git(empty.folder, "init", "-q", "-b", "main")
    (empty.folder / "notes.md").write_text("one\n")
    git(empty.folder, "add", ".")
    git(empty.folder, "commit", "-q", "-m", "one")
    (empty.folder / "notes.md").write_text("two\n")
    assert empty("init").err == "note: Edits that were not committed to git yet are in v1.\n"


def test_init_twice_is_refused(empty: Cli) -> None:
    assert empty("init", "mine", "--template", "blank").code == 0
    assert empty("init", "mine").code == 3
    assert empty("init", "mine", "--template", "blank").code == 3


def test_init_without_an_identity_is_refused(empty: Cli, tmp_path: Path) -> None:
    ran = process("init", str(empty.folder / "x"), "--template", "blank", environ=without_identity(tmp_path))
    assert (ran.returncode, ran.stdout) == (3, "")
    assert 'git config --global user.name "Your Name"' in ran.stderr
    assert not (empty.folder / "x").exists()


def without_identity(tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "nobody"
    home.mkdir(exist_ok=True)
    return {"HOME": str(home)}


def test_the_demo_goes_through_the_whole_life_of_an_agent(empty: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    ran = empty("demo")
    commands = re.findall(r"^(?:\$|>>>) (.*)$", ran.out, re.MULTILINE)
    assert (ran.code, ran.err) == (0, "")
    assert commands == [
        "gitagent init gitagent-demo --template restaurant",
        "cd gitagent-demo",
        "gitagent publish",
        "gitagent promote pre-release --yes",
        "gitagent promote live --yes",
        "gitagent environments set pre-release --tests required",
        "gitagent status",
        "gitagent compare live draft --view keys",
        "gitagent publish --name 'Later last orders' -m 'The kitchen stays open longer in summer.'",
        "gitagent promote pre-release --yes",
        "gitagent publish --name 'Later last orders' -m 'Mondays stay free.'",
        "gitagent promote pre-release --yes",
        'agent.calls.begin("call-1", at=now, environment="live").call.version',
        "gitagent promote live --yes",
        'agent.calls.begin("call-2", at=now, environment="live").call.version',
        "gitagent calls",
        "gitagent rollback live --yes -m 'Too many late guests'",
        "gitagent environments",
        "gitagent history",
    ]
    assert 'variables.last_orders  "a quarter past nine" → "half past nine"' in ran.out
    assert "Rollback succeeded: live is back on v1; it served v3.\n" in ran.out
    assert "The agent is in <tmp>/work/gitagent-demo. Try next:\n  cd gitagent-demo\n" in ran.out
    agent = Agent.open(empty.folder / "gitagent-demo")
    assert [str(each.version) for each in agent.environments()] == ["v3", "v3", "v1"]
    assert agent.validate() == []


def test_the_tests_of_the_demo_stop_a_mistake_and_let_its_repair_through(empty: Cli) -> None:
    ran = empty("demo")
    stopped, passed = re.findall(
        r"^\$ gitagent promote pre-release --yes\n(.*?)\n\n", ran.out, re.MULTILINE | re.DOTALL
    )[1:]
    assert re.sub(r"[0-9.]+ s\b", "… s", stopped).splitlines() == [
        "The suites of v2 were played: passed 16 of 17, failed 1, embedded, … s.",
        "tests/questions.yaml:12: says that Monday is the day off",
        "  you> Are you open on Mondays?",
        "  agent> Lantern House is open from noon to ten at night, Tuesday to Sunday. We are open every day. "
        "The kitchen takes last orders at half past nine.",
        '  tests/questions.yaml:17: expected contains: "closed on Mondays"',
        "error: pre-release asks for all cases to pass, and of v2 16 of 17 passed, "
        "not tests/questions.yaml::says that Monday is the day off",
        "hint: See why, and repair them: gitagent test v2",
    ]
    assert re.match(r"The suites of v3 were played: passed 17 of 17, .*\nPromoted pre-release to v3", passed)
    agent = Agent.open(empty.folder / "gitagent-demo")
    assert [str(each.detail).split(",")[0] for each in agent.history() if each.operation == "test"] == [
        "passed 17 of 17",
        "passed 16 of 17",
    ]


def test_the_demo_fails_where_the_mistake_is_not_stopped(empty: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tour, "FIRST", tour.FIRST[:-1])
    ran = empty("demo")
    assert ran.code == 1
    assert ran.out.rstrip().endswith("Nothing else moved: sandbox stays on v2; live stays on v1.")


def test_the_demo_shows_that_each_call_keeps_the_version_it_began_with(
    empty: Cli, at: Callable[[Path], Cli], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITAGENT_CALLS", str(tmp_path / "others.db"))
    ran = empty("demo")
    begun = re.findall(r'begin\("(.*)", .*version\n(v[0-9])$', ran.out, re.MULTILINE)
    assert begun == [("call-1", "v1"), ("call-2", "v3")]
    listed = re.search(r"^\$ gitagent calls\n(.*\n.*)\n\n", ran.out, re.MULTILINE)
    assert listed is not None
    assert [line.split()[2:5] for line in listed[1].splitlines()] == [
        ["call-2", "v3", "live"],
        ["call-1", "v1", "live"],
    ]
    assert not (tmp_path / "others.db").exists()
    assert os.environ["GITAGENT_CALLS"] == str(tmp_path / "others.db")
    monkeypatch.delenv("GITAGENT_CALLS")
    assert at(empty.folder / "gitagent-demo")("calls").out.splitlines() == listed[1].splitlines()


def test_the_demo_says_how_the_shell_finds_gitagent_where_it_would_not(
    empty: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert "activate" not in empty("demo", "bare").out
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "activate").touch()
    after = empty("demo").out.partition("Try next:\n")[2].splitlines()
    assert after[0].split("  ")[1] == ". <tmp>/bin/activate"
    assert after[1] == "  cd gitagent-demo"


def test_what_the_demo_advises_to_try_works(empty: Cli, at: Callable[[Path], Cli]) -> None:
    assert empty("demo", "tried").code == 0
    cli = at(empty.folder / "tried")
    for command, _ in tour.NEXT:
        if command.startswith("gitagent"):
            assert cli("--yes", *command.split()[1:]).code == 0
    assert "rollback live" in git(cli.folder, "log", "gitagent/ledger")


def test_the_demo_with_json_is_one_object(empty: Cli) -> None:
    ran = empty("demo", "quiet", "--json")
    record = json.loads(ran.out)
    assert (ran.code, ran.err) == (0, "")
    assert (record["format"], record["path"], record["exit_code"]) == ("gitagent.demo/1", "<tmp>/work/quiet", 0)
    assert len(record["steps"]) == 18
    assert [each["exit_code"] for each in record["steps"] if each["exit_code"]] == [3]
    assert [each["output"] for each in record["steps"] if "begin" in each["command"]] == ["v1\n", "v3\n"]
    assert record["steps"][1]["command"] == "gitagent publish"
    assert record["steps"][1]["output"].startswith("Published v1 to sandbox")


def test_the_demo_refuses_a_folder_that_holds_something(empty: Cli) -> None:
    (empty.folder / "full").mkdir()
    (empty.folder / "full" / "file").touch()
    assert empty("demo", "full") == Ran(
        3,
        "",
        "error: full exists already and is not an empty folder\nhint: Name another folder: gitagent demo FOLDER\n",
    )
    assert empty("demo", "full/file").code == 3


def test_the_demo_takes_an_empty_folder(empty: Cli) -> None:
    (empty.folder / "ready").mkdir()
    assert empty("demo", "ready").code == 0


def test_the_demo_runs_where_git_knows_nobody(empty: Cli, tmp_path: Path) -> None:
    environ = without_identity(tmp_path)
    ran = process("-C", str(empty.folder), "demo", environ=environ)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "# Git knows no name here, so this agent's repository gets one of its own: Demo User" in ran.stdout
    config = (empty.folder / "gitagent-demo" / ".git" / "config").read_text()
    assert "name = Demo User" in config
    assert "email = demo@example.com" in config
    assert list(Path(environ["HOME"]).iterdir()) == []
    again = process("-C", str(empty.folder / "gitagent-demo"), "promote", "live", "-y", environ=environ)
    assert again.returncode == 0


def test_the_demo_leaves_the_environment_as_it_was(empty: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # each run of pytest sets it anew, and takes it away
    before, folder = dict(os.environ), Path.cwd()
    monkeypatch.setattr(tour, "_stranger", lambda: ADA)
    assert empty("demo").code == 0
    assert (dict(os.environ), Path.cwd()) == (before, folder)


@pytest.mark.parametrize("failing", ["init", "promote"])
def test_the_demo_stops_at_a_command_that_fails(failing: str, empty: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    step = tour.Step("", ("promote", "nowhere"))
    if failing == "init":
        monkeypatch.setattr(tour, "TEMPLATE", "nowhere")
    else:
        monkeypatch.setattr(tour, "FIRST", (step,))
    ran = empty("demo")
    assert ran.code == 3
    last = "gitagent init gitagent-demo --template nowhere" if failing == "init" else "gitagent promote nowhere"
    assert ran.out.rstrip().endswith(f"$ {last}")


def test_every_template_can_be_begun_with(empty: Cli) -> None:
    for name in templates.names():
        assert empty("init", name, "--template", name).code == 0
    help_text = empty("init", "--help").out
    assert all(name in help_text for name in templates.names())


def test_schema_lists_the_kinds_and_prints_one(cli: Cli) -> None:
    assert cli("schema").out.splitlines() == list(schemas.kinds())
    assert json.loads(cli("schema", "agent").out) == schemas.schema("agent")
    assert cli.json("schema", "agent")["schema"] == schemas.schema("agent")
    assert cli.json("schema")["kinds"] == list(schemas.kinds())


def test_schema_of_an_unknown_kind_is_refused_with_a_suggestion(cli: Cli) -> None:
    assert cli("schema", "agnet") == Ran(3, "", "error: there is no kind of file 'agnet'\nhint: Did you mean agent?\n")


def test_validate_tells_problems_and_ends_with_one(cli: Cli) -> None:
    assert cli("validate") == Ran(0, "The draft is valid.\n")
    assert cli("validate", "v1") == Ran(0, "v1 is valid.\n")
    (cli.folder / "x.yaml").write_text("a: 1\na: 2\n")
    ran = cli("validate")
    assert ran.code == 1
    first, *_, last = ran.out.splitlines()
    assert first.startswith("x.yaml:2:1: ")
    assert first.endswith(" (error)")
    assert last == "The draft has 1 error."
    assert cli("validate", "v1").code == 0


def test_two_formats_at_once_are_refused(cli: Cli) -> None:
    ran = cli("validate", "--json", "--format", "github")
    assert (ran.code, json.loads(ran.out)["error"]["message"]) == (2, "--json and --format github exclude each other")
    assert cli("validate", "--json", "--format", "text").code == 2
    assert cli("validate", "--json", "--format", "json").code == 0


def test_warnings_alone_are_no_failure(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    from gitagent.config.problems import Problem, Severity

    problem = Problem("a.yaml", 0, 0, "odd", "it is odd", None, Severity.WARNING)
    monkeypatch.setattr(Agent, "validate", lambda self, selector: [problem])
    assert cli("validate") == Ran(0, "a.yaml: odd: it is odd (warning)\nThe draft is valid, with 1 warning.\n")
    error = Problem("a.yaml", 1, 1, "bad", "it is bad", "Do better.", Severity.ERROR)
    monkeypatch.setattr(Agent, "validate", lambda self, selector: [error, problem])
    assert cli("validate", "live") == Ran(
        1,
        "a.yaml:1:1: bad: it is bad (error)\n"
        "    Do better.\n"
        "a.yaml: odd: it is odd (warning)\n"
        "live has 1 error and 1 warning.\n",
    )
    assert cli("validate", "--format", "github") == Ran(
        1,
        "::error file=a.yaml,line=1,col=1,title=bad::it is bad%0ADo better.\n"
        "::warning file=a.yaml,title=odd::it is odd\n",
    )


def test_github_annotations_escape_what_would_end_them(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    from gitagent.config.problems import Problem

    problem = Problem("a,b:c%.yaml", 3, 4, "bad", "50%\r\n::error::forged")
    monkeypatch.setattr(Agent, "validate", lambda self, selector: [problem])
    assert cli("validate", "--format", "github").out == (
        "::error file=a%2Cb%3Ac%25.yaml,line=3,col=4,title=bad::50%25%0D%0A::error::forged\n"
    )


@pytest.mark.parametrize("arguments", [[""], ["new", "--from", ""]])
def test_init_refuses_an_empty_path(cli: Cli, arguments: list[str]) -> None:
    ran = cli("init", *arguments)
    assert (ran.code, "the path is empty" in ran.err) == (2, True)
    assert not (cli.folder / "new").exists()


def test_the_patch_of_compare_is_one_that_git_applies(cli: Cli) -> None:
    (cli.folder / "notes.md").write_text("two\n")
    done = process("-C", str(cli.folder), "compare", "v1", "--view", "unified")
    (cli.folder.parent / "p").write_text(done.stdout)
    git(cli.folder, "checkout", "-q", "v1", "--", "notes.md")
    git(cli.folder, "apply", str(cli.folder.parent / "p"))
    assert (cli.folder / "notes.md").read_text() == "two\n"


def test_the_package_has_the_version_of_the_command_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "gitagent/version.py"
    pattern = project["tool"]["hatch"]["version"].get("pattern", r'VERSION = "(?P<version>[^"]+)"')
    found = re.search(pattern, (ROOT / "gitagent" / "version.py").read_text())
    assert found is not None
    assert found["version"] == VERSION
