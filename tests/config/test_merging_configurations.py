"""Merging whole configurations: files that came, went and changed on both sides."""

from __future__ import annotations

from gitagent import templates
from gitagent.config.files import File, FileKind, Files, MemoryFile
from gitagent.config.merging import Conflict, ConflictKind, Merged, is_beside, merge_files, unresolved
from gitagent.config.merging.marks import marked
from gitagent.git.merging import merge_text

LABELS = ("your draft", "v8")


def files(**contents: str | bytes | File) -> dict[str, File]:
    """Files by name; '__' stands for '.', and '_in_' for '/'."""
    return {name.replace("__", ".").replace("_in_", "/"): file(content) for name, content in contents.items()}


def file(content: str | bytes | File, kind: FileKind = FileKind.FILE) -> File:
    if isinstance(content, str | bytes):
        return MemoryFile(content.encode() if isinstance(content, str) else content, kind)
    return content


def link(target: str) -> File:
    return file(target, FileKind.LINK)


def merged(base: Files, ours: Files, theirs: Files) -> Merged:
    return merge_files(base, ours, theirs, labels=LABELS, merge_text=merge_text)


def shown(result: Merged) -> dict[str, tuple[str, str]]:
    return {path: (each.kind.value, each.read().decode("utf-8", "replace")) for path, each in result.files.items()}


def plain(result: Merged) -> dict[str, str]:
    return {path: content for path, (_, content) in shown(result).items()}


def test_a_sample_agent_edited_by_two_has_the_edits_of_both() -> None:
    base = templates.load("restaurant")
    agent = base["agent.yaml"].read()
    ours = {**base, "agent.yaml": file(agent.replace(b"speed: 1.0", b"speed: 1.1")), "topics/ours.yaml": file("a: 1\n")}
    theirs = {**base, "agent.yaml": file(agent.replace(b"temperature: 0.3", b"temperature: 0.5"))}
    del theirs["topics/children_and_dogs.yaml"]
    result = merged(base, ours, theirs)
    both = agent.replace(b"speed: 1.0", b"speed: 1.1").replace(b"temperature: 0.3", b"temperature: 0.5")
    assert result.is_clean
    assert result.files["agent.yaml"].read() == both
    assert result.files.keys() == ours.keys() - {"topics/children_and_dogs.yaml"}
    assert all(result.files[path] is ours[path] for path in result.files if path != "agent.yaml")


def test_a_file_that_only_one_side_touched_is_that_sides_and_is_not_read() -> None:
    class Unreadable(MemoryFile):
        def read(self) -> bytes:
            raise AssertionError("read")

        @property
        def id(self) -> str:
            return str(self._content)

    old, new = Unreadable(b"old"), Unreadable(b"new")
    assert merged({"a": old, "b": old}, {"a": new, "b": old}, {"a": old}) == Merged({"a": new}, ())
    assert merged({}, {"a": new}, {"a": Unreadable(b"new"), "b": new}) == Merged({"a": new, "b": new}, ())


def test_conflicts_name_the_file_and_the_key() -> None:
    base, ours, theirs = (files(agent__yaml=f"v: {at}\nw: 1\n", prompt__md=f"{at}\n") for at in (1, 2, 3))
    result = merged(base, ours, theirs)
    assert result.conflicts == (
        Conflict("agent.yaml", ConflictKind.KEY, "v", "1", "2", "3"),
        Conflict("prompt.md", ConflictKind.LINES, None, "1\n", "2\n", "3\n"),
    )
    assert plain(result)["agent.yaml"] == marked("v: 2\n", "v: 3\n", LABELS) + "w: 1\n"
    assert unresolved(result.files) == ("agent.yaml", "prompt.md")


def test_a_file_deleted_here_and_edited_there_is_marked() -> None:
    result = merged(files(a="1\n", b="1\n"), files(b="2\n"), files(a="2\n"))
    assert plain(result) == {"a": marked("", "2\n", LABELS), "b": marked("2\n", "", LABELS)}
    assert [(each.path, each.kind) for each in result.conflicts] == [
        ("a", ConflictKind.DELETED),
        ("b", ConflictKind.DELETED),
    ]


def test_of_binary_files_ours_stays_and_theirs_is_put_beside() -> None:
    base, ours, theirs = (files(logo__png=b"\0" + side) for side in (b"", b"ours", b"theirs"))
    result = merged(base, ours, theirs)
    assert result.files["logo.png"] is ours["logo.png"]
    assert result.files["logo.png.theirs"].read() == b"\0theirs"
    assert result.conflicts == (Conflict("logo.png", ConflictKind.BINARY, beside="logo.png.theirs"),)
    assert unresolved(result.files) == ("logo.png.theirs",)


def test_a_file_beside_another_never_overwrites_one() -> None:
    base, ours, theirs = (files(a=b"\0" + side) for side in (b"", b"ours", b"theirs"))
    result = merged(base, ours | files(a__theirs="1"), theirs | files(a__theirs="1"))
    assert plain(result) == {"a": "\0ours", "a.theirs": "1", "a.theirs-2": "\0theirs"}
    assert is_beside("a.theirs-2")
    assert is_beside("a.theirs/b")
    assert not is_beside("a.theirs-x")
    assert not is_beside("theirs/a")


def test_a_binary_file_deleted_on_one_side_is_lost_on_none() -> None:
    base = files(a=b"\0", b=b"\0")
    result = merged(base, files(a=b"\0ours"), files(b=b"\0theirs"))
    assert plain(result) == {"a": "\0ours", "a.theirs": "a is not in v8.\n", "b.theirs": "\0theirs"}
    assert [each.beside for each in result.conflicts] == ["a.theirs", "b.theirs"]


def test_the_executable_bit_is_merged_apart_from_the_content() -> None:
    text = "1\n2\n3\n4\n"
    run = {"a": file(text, FileKind.EXECUTABLE)}
    result = merged(files(a=text), {"a": file(text.replace("1", "one"))}, run)
    assert shown(result) == {"a": ("executable", "one\n2\n3\n4\n")}
    result = merged(run, files(a=text.replace("1", "one")), {"a": file(text.replace("4", "four"), FileKind.EXECUTABLE)})
    assert shown(result) == {"a": ("file", "one\n2\n3\nfour\n")}
    assert result.is_clean
    assert shown(merged({}, files(a="x\n"), {"a": file("x\n", FileKind.EXECUTABLE)})) == {"a": ("file", "x\n")}
    assert shown(merged(run, {}, {"a": file("x\n", FileKind.EXECUTABLE)}))["a"][0] == "executable"


def test_links_are_taken_from_one_side_or_conflict() -> None:
    base = {"a": link("x"), "b": link("x"), "c": file("c\n")}
    ours = {"a": link("ours"), "b": link("x"), "c": file("ours\n")}
    theirs = {"a": link("theirs"), "b": link("theirs"), "c": link("c2")}
    result = merged(base, ours, theirs)
    assert shown(result) == {
        "a": ("link", "ours"),
        "a.theirs": ("link", "theirs"),
        "b": ("link", "theirs"),
        "c": ("file", "ours\n"),
        "c.theirs": ("link", "c2"),
    }
    assert result.conflicts == (
        Conflict("a", ConflictKind.LINK, None, "x", "ours", "theirs", "a.theirs"),
        Conflict("c", ConflictKind.LINK, None, None, None, "c2", "c.theirs"),
    )


def test_a_link_deleted_there_and_changed_here_stays_with_a_note_beside_it() -> None:
    result = merged({"a": link("x")}, {"a": link("ours")}, {})
    assert shown(result) == {"a": ("link", "ours"), "a.theirs": ("file", "a is not in v8.\n")}


def test_a_submodule_changed_on_both_sides_conflicts_with_a_note_of_theirs() -> None:
    one, two, three = (MemoryFile(commit, FileKind.SUBMODULE) for commit in (b"1", b"2", b"3"))
    result = merged({"m": one}, {"m": two}, {"m": three})
    assert result.files["m"] is two
    assert result.files["m.theirs"].read().decode() == f"m is a submodule in v8: {three.id}\n"
    assert result.conflicts == (Conflict("m", ConflictKind.SUBMODULE, beside="m.theirs"),)
    assert merged({"m": one}, {"m": one}, {"m": three}) == Merged({"m": three}, ())
    assert unresolved({"m": one}) == ()


def test_their_folder_goes_beside_our_file() -> None:
    result = merged({}, files(a="ours\n"), files(a_in_b="1\n", a_in_c_in_d="2\n"))
    assert plain(result) == {"a": "ours\n", "a.theirs/b": "1\n", "a.theirs/c/d": "2\n"}
    assert result.conflicts == (Conflict("a", ConflictKind.FOLDER, beside="a.theirs"),)
    assert unresolved(result.files) == ("a.theirs/b", "a.theirs/c/d")


def test_their_file_goes_beside_our_folder() -> None:
    result = merged({}, files(a_in_b="1\n", a_in_c="2\n"), files(a="theirs\n"))
    assert plain(result) == {"a.theirs": "theirs\n", "a/b": "1\n", "a/c": "2\n"}
    assert result.conflicts == (Conflict("a", ConflictKind.FOLDER, beside="a.theirs"),)


def test_a_file_that_became_a_folder_on_one_side_only_is_no_conflict() -> None:
    assert merged(files(a="1\n"), files(a="1\n"), files(a_in_b="2\n")).is_clean
    result = merged(files(a="1\n"), files(a="ours\n"), files(a_in_b="2\n"))
    assert plain(result) == {"a": marked("ours\n", "", LABELS), "a.theirs/b": "2\n"}
    assert [each.kind for each in result.conflicts] == [ConflictKind.DELETED, ConflictKind.FOLDER]
