"""Signing from the command line: asked for, by default, refused, and told of; and `verify` with a file of signers."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.building import ADA, Built
from support.commandline import Cli, Ran
from support.signing import SECRET, Keys
from support.terminals import on_a_terminal

from gitagent.agent import verification
from gitagent.git import signatures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "A_MOMENT", 0)


@pytest.fixture
def ada(agent: Built, keys: Keys) -> Built:
    """An agent in which git signs with Ada's key."""
    keys.sign_with("ada", agent.path)
    return agent.edit("two\n")


def signed(built: Built) -> list[str]:
    """Which events are signed, the newest first, by git's word: `G`, or `N` for none."""
    return built.git("log", "--format=%G?", "gitagent/ledger").split()


def test_a_save_that_is_signed_says_so(ada: Built, cli: Cli) -> None:
    assert cli("save", "--sign") == Ran(
        0,
        "Saved v2, signed, based on v1.\n"
        "Nothing serves it yet: sandbox, pre-release and live still serve nothing.\n"
        "Next: gitagent publish v2\n",
    )
    assert cli("show", "v2").out.splitlines()[2] == "signed; 'gitagent verify' tells whether by the right one"
    assert cli.json("show", "v2")["signed"] is True
    assert cli.json("versions")["versions"][1]["signed"] is False


def test_every_command_that_changes_an_agent_signs(ada: Built, cli: Cli, keys: Keys) -> None:
    keys.trust(ada.path)
    for line in (
        "publish --sign",
        "publish v1 --sign",
        "publish v2 --sign",
        "rollback sandbox v1 --sign --yes",
        "promote pre-release --sign --yes",
        "environments set live --requires-signature --sign",
        "numbers assign +442079460018 --environment live --sign",
        "numbers release +442079460018 --sign --yes",
        "access grant admin ada@example.com --sign",
        "access grant save grace@example.com --sign",
        "access revoke save grace@example.com --sign",
    ):
        ran = cli(*line.split())
        assert ran.code == 0, (line, ran.err)
    assert signed(ada) == ["G"] * 11 + ["N"]
    assert cli("verify").out == "Checked 12 events, 2 versions and 12 signatures: every rule holds.\n"


def test_git_decides_where_nothing_is_said(ada: Built, cli: Cli, keys: Keys) -> None:
    keys.trust(ada.path)
    cli("save")
    ada.git("config", "tag.gpgSign", "true")
    cli("publish")
    cli("promote", "pre-release", "--yes")
    cli("promote", "live", "--yes", "--no-sign")
    assert signed(ada) == ["N", "G", "G", "N", "N"]


def test_a_rehearsal_is_refused_as_the_real_thing_would_be(ada: Built, cli: Cli) -> None:
    cli("publish")
    cli("environments", "set", "pre-release", "--requires-signature")
    refused = "error: pre-release requires signatures, and v2 was made without one\n"
    assert cli("promote", "pre-release", "--dry-run").err.startswith(refused)
    ada.edit("three\n")
    cli("publish", "--sign")
    unsigned = Ran(
        3,
        "",
        "error: pre-release requires signatures, and this would not be signed\n"
        "hint: Sign it with --sign; to sign always: git config tag.gpgSign true\n",
    )
    for line in (["--dry-run"], ["--yes"], ["--yes", "--no-sign"]):
        assert cli("promote", "pre-release", *line) == unsigned
    assert cli("promote", "pre-release", "--dry-run", "--sign").code == 0
    assert cli("promote", "pre-release", "--yes", "--sign").code == 0


def test_without_a_key_it_is_said_how_to_name_one(agent: Built, cli: Cli) -> None:
    agent.edit("two\n").git("config", "gpg.format", "ssh")
    assert cli("save", "--sign") == Ran(
        3,
        "",
        "error: git knows no key to sign with\n"
        "hint: git config user.signingKey ~/.ssh/id_ed25519.pub\nhint: Without a signature: --no-sign\n",
    )
    assert cli("save", "--no-sign").code == 0


def test_a_script_is_not_asked_for_a_passphrase(ada: Built, cli: Cli, keys: Keys) -> None:
    keys.sign_with("locked", ada.path)
    ran = cli("publish", "--sign", "--json")
    assert ran.code == 5
    assert '"code": "signing-passphrase"' in ran.out
    assert ada.history() == ["init v1"]


def test_somebody_at_a_terminal_is_asked_for_the_passphrase(ada: Built, keys: Keys) -> None:
    keys.sign_with("locked", ada.path)
    answers = {"Enter passphrase": f"{SECRET}\n"}
    code, screen = on_a_terminal(ada.path, "publish", "v1", "--sign", answers=answers)
    assert code == 0, screen
    assert "to sandbox, which served nothing." in screen
    keys.trust(ada.path, keys.allow((ADA, "locked"), file="locked-alone"))
    assert signed(ada) == ["G", "N"]


def test_a_save_out_of_reach_says_that_it_will_be_signed_again(
    ada: Built, cli: Cli, tmp_path: Path, at: Callable[[Path], Cli]
) -> None:
    ada.git("init", "-q", "--bare", str(tmp_path / "remote.git"))
    cli("share", str(tmp_path / "remote.git"))
    (tmp_path / "remote.git").rename(tmp_path / "away.git")
    ran = cli("save", "--sign")
    assert ran.code == 0
    assert "It is signed, and will be signed as a version, too: 'gitagent sync' asks for your key again." in ran.out
    (tmp_path / "away.git").rename(tmp_path / "remote.git")
    ada.git("config", "user.signingKey", "/nowhere")
    assert "still waits, since it is to be signed and cannot be" in cli("sync").err
    assert cli.json("sync", "--no-sign")["numbered"][0]["signed"] is False


# verify


def test_verify_takes_a_file_of_allowed_signers(ada: Built, cli: Cli, keys: Keys) -> None:
    cli("publish", "--sign")
    sound = Ran(0, "Checked 2 events, 2 versions and 2 signatures: every rule holds.\n")
    assert cli("verify", "--allowed-signers", str(keys.allowed)) == sound
    assert cli.json("verify", "--allowed-signers", str(keys.allowed))["signatures"] == 2
    assert cli("verify").out.splitlines() == [
        "gitagent/ledger:2: signature-unchecked: 2 signatures were not checked: the first is signed by an ssh key, and "
        "no file of allowed signers is known (warning)",
        "    Name the file of allowed signers: gitagent verify --allowed-signers FILE, or git config "
        "gpg.ssh.allowedSignersFile FILE; for gpg, import the keys.",
        "Checked 2 events, 2 versions and 2 signatures: 1 warning.",
    ]
    missing = cli("verify", "--allowed-signers", "nowhere")
    assert (missing.code, "'nowhere' does not exist" in missing.err) == (2, True)


def test_verify_ends_with_1_for_a_signature_that_is_somebody_elses(ada: Built, cli: Cli, keys: Keys) -> None:
    keys.sign_with("grace", ada.path)
    cli("publish", "--sign")
    ran = cli("verify", "--allowed-signers", str(keys.allowed))
    assert ran.code == 1
    assert "tags/v2: signature-other: the tag v2 is signed with the ssh key SHA256:" in ran.out
    assert ran.out.endswith("Checked 2 events, 2 versions and 2 signatures: 2 errors.\n")


def test_a_good_signature_costs_one_process(ada: Built, cli: Cli, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("publish", "--sign")
    cli("promote", "pre-release", "--sign", "--yes")
    started, real = list[str](), signatures._run

    def run(command: Sequence[str], given: bytes) -> subprocess.CompletedProcess[str] | None:
        started.append(command[2])
        return real(command, given)

    monkeypatch.setattr(signatures, "_run", run)
    assert cli("verify", "--allowed-signers", str(keys.allowed)).code == 0
    assert started == ["verify"] * 3


def test_nothing_of_signatures_and_roles_is_imported_where_there_are_none(agent: Built, cli: Cli) -> None:
    agent.publish("two\n").publish("three\n").edit("four\n")
    typed = ("status", "save", "publish v4", "promote pre-release --yes", "rollback sandbox --yes")
    optional = ("git.signing", "git.signatures", "agent.claims", "agent.access", "agent.settings", "agent.pending")
    code = (
        "import sys\nfrom gitagent.cli.main import main\n"
        f"codes = [main(['-C', {str(cli.folder)!r}, *line.split()]) for line in {typed!r}]\n"
        f"print(codes, [name for name in sys.modules if name.endswith({optional!r})])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[0, 0, 0, 0, 0] []"
