"""The disk under a client: full, read-only, torn, written by another release, or shared by several processes."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from support.calling_agents import NUMBER

from gitagent.client import Client
from gitagent.client.cache import _Kept
from gitagent.client.shelf import Shelf, is_foreign, read
from gitagent.errors import ServerUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.building import Built
    from support.standing import Standing

    Connect = Callable[..., Client]


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process can grow, as on a disk without room."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def files(cache: Path, kind: str) -> list[Path]:
    return sorted(cache.glob(f"*/{kind}/*.json"))


def test_on_a_full_disk_calls_are_answered_and_told_of_from_memory(
    server: Standing, shop: Built, connect: Connect, tmp_path: Path
) -> None:
    client = connect(server.url)
    before = client.begin("CA0", number=NUMBER)
    server.stop()
    with full_disk():
        begun = client.begin("CA1", number=NUMBER)
        assert (begun.configuration, begun.from_cache) == (before.configuration, True)
        assert client.end("CA1", outcome="completed") is None
        assert client.begin("CA1", number=NUMBER).call == begun.call
        assert isinstance(client.trouble, OSError)
    assert (client.waiting, files(tmp_path / "cache", "waiting")) == (1, [])
    shop.publish("two\n").promote("live")
    server.start()
    assert (client.report(), client.waiting) == (1, 0)
    call = client.get("CA1")
    assert (str(call.version), call.outcome) == ("v1", "completed")
    assert client.begin("CA2", number=NUMBER).call.version == (2,)
    assert [client.trouble] == [None]
    assert list(tmp_path.glob("cache/*/*/.*")) == []


def test_a_disk_that_fills_up_between_a_begin_and_its_end_loses_neither(server: Standing, connect: Connect) -> None:
    client = connect(server.url)
    client.begin("CA0", number=NUMBER)
    server.stop()
    client.begin("CA1", number=NUMBER)
    with full_disk():
        client.end("CA1", outcome="completed")
    assert client.waiting == 1
    server.start()
    assert (client.report(), client.waiting) == (1, 0)
    assert client.get("CA1").outcome == "completed"
    assert client.report() == 0


def test_a_folder_that_cannot_be_written_keeps_nobody_from_an_answer(
    server: Standing, connect: Connect, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    client = connect(server.url, cache=tmp_path / "file" / "cache")
    before = client.begin("CA0", number=NUMBER)
    assert before.recorded
    assert isinstance(client.trouble, NotADirectoryError)
    server.stop()
    assert client.begin("CA1", number=NUMBER).configuration == before.configuration
    assert client.end("CA1", outcome="completed") is None
    server.start()
    assert (client.report(), client.waiting) == (1, 0)
    assert client.get("CA1").outcome == "completed"


@pytest.mark.parametrize("kind", ["answers", "configurations"])
def test_a_torn_file_is_as_if_it_were_not_there(server: Standing, connect: Connect, tmp_path: Path, kind: str) -> None:
    connect(server.url).begin("CA0", number=NUMBER)
    whole = {path: path.read_bytes() for path in files(tmp_path / "cache", kind)}
    server.stop()
    client = connect(server.url)
    for path, content in whole.items():
        path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ServerUnreachable):
        client.begin("CA1", number=NUMBER)
    server.start()
    assert client.begin("CA2", number=NUMBER).recorded
    server.stop()
    assert connect(server.url).begin("CA3", number=NUMBER).from_cache
    assert {path: path.read_bytes() for path in whole} == whole


def test_a_torn_call_that_waits_is_put_aside_and_the_others_are_told(
    server: Standing, connect: Connect, tmp_path: Path
) -> None:
    client = connect(server.url)
    client.begin("CA0", number=NUMBER)
    server.stop()
    client.begin("CA1", number=NUMBER)
    client.begin("CA2", number=NUMBER)
    torn = files(tmp_path / "cache", "waiting")[0]
    torn.write_bytes(torn.read_bytes()[:-7])
    server.start()
    assert (client.report(), client.waiting) == (1, 0)
    assert torn.with_suffix(".torn").exists()


def test_what_another_release_left_is_neither_used_nor_removed(
    server: Standing, connect: Connect, tmp_path: Path
) -> None:
    client = connect(server.url)
    client.begin("CA0", number=NUMBER)
    server.stop()
    client.begin("CA1", number=NUMBER)
    for kind in ("answers", "configurations", "pins", "waiting"):
        for path in files(tmp_path / "cache", kind):
            path.write_bytes(path.read_bytes().replace(b"gitagent.client/1", b"gitagent.client/2", 1))
    later = connect(server.url)
    with pytest.raises(ServerUnreachable):
        later.begin("CA2", number=NUMBER)
    server.start()
    assert (later.report(), later.waiting) == (0, 0)
    (left,) = files(tmp_path / "cache", "waiting")
    assert left.read_bytes().startswith(b"gitagent.client/2 ")


def test_any_piece_of_a_file_is_told_from_the_whole(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.put("key", {"text": "é\n", "count": 1})
    path, content = shelf.path("key"), shelf.path("key").read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        assert shelf.get("key") is None
        assert not is_foreign(path)
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert shelf.get("key") is None
    path.write_bytes(content)
    assert shelf.get("key") == {"text": "é\n", "count": 1}


def test_whoever_comes_last_counts_in_every_process(server: Standing, shop: Built, connect: Connect) -> None:
    one, other = connect(server.url), connect(server.url)
    one.begin("CA1", number=NUMBER)
    other.begin("CA2", number=NUMBER)
    shop.publish("two\n").promote("live")
    other.begin("CA3", number=NUMBER)
    server.stop()
    assert one.begin("CA4", number=NUMBER).call.version == (2,)  # which only the other one heard
    server.start()
    shop.rollback("live")
    one.report()
    one.begin("CA5", number=NUMBER)
    server.stop()
    assert other.begin("CA6", number=NUMBER).call.version == (1,)
    assert other.configuration_of("CA5").version == (1,)


def test_many_processes_write_and_read_one_shelf_and_see_whole_values(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from gitagent.client.shelf import Shelf\n"
        "shelf = Shelf(Path(sys.argv[1]))\n"
        "for count in range(300):\n"
        "    shelf.put('key', {'by': sys.argv[2], 'text': sys.argv[2] * 5000})\n"
        "    found = shelf.get('key')\n"
        "    assert found is not None and found['text'] == found['by'] * 5000\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in "abc"]
    assert [each.wait() for each in running] == [0, 0, 0]
    assert [each.name for each in tmp_path.iterdir()] == [Shelf(tmp_path).path("key").name]


def test_processes_that_begin_the_same_call_agree(server: Standing, connect: Connect, tmp_path: Path) -> None:
    client = connect(server.url)
    client.begin("CA0", number=NUMBER)
    server.stop()
    code = (
        "import sys; from gitagent.client import Client\n"
        "with Client(sys.argv[1], cache=sys.argv[2]) as client:\n"
        f"    call = client.begin('CA1', number='{NUMBER}').call\n"
        "    print(call.began_at, client.waiting)"
    )
    arguments = [sys.executable, "-c", code, server.url, str(tmp_path / "cache")]
    running = [subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = {each.communicate()[0] for each in running}
    assert len(said) == 1
    assert said.pop().endswith(" 1\n")
    server.start()
    client.report()
    assert [each.call_id for each in client.find().calls] == ["CA1", "CA0"]


def test_a_client_goes_on_in_a_process_that_was_forked(server: Standing, tmp_path: Path) -> None:
    with Client(server.url, cache=tmp_path / "cache") as client:
        client.begin("CA0", number=NUMBER)
        code = os.EX_SOFTWARE
        if (child := os.fork()) == 0:
            try:
                code = 0 if client.begin("CA1", number=NUMBER).recorded else 1
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert client.get("CA1").call_id == "CA1"


def test_the_shelf_keeps_what_was_written_last(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    for count in range(6):
        shelf.put(str(count), {"count": count})
        os.utime(shelf.path(str(count)), ns=(count, count))
    shelf.keep_below(most=4, room=1_000_000)
    assert [shelf.get(str(count)) is not None for count in range(6)] == [False, False, True, True, True, True]
    shelf.keep_below(most=4, room=shelf.path("5").stat().st_size)
    assert [read(each) for each in shelf.files()] == [{"count": 5}]


def test_memory_is_bounded_and_the_disk_has_the_rest(tmp_path: Path) -> None:
    kept = _Kept(Shelf(tmp_path), 3)
    for count in range(9):
        kept.put(str(count), {"count": count})
    assert len(kept._known) == 3  # what it is about
    assert kept.get("0") == {"count": 0}


def test_a_file_that_somebody_removed_is_written_again(tmp_path: Path) -> None:
    kept = _Kept(Shelf(tmp_path), 3)
    kept.put("key", {"count": 1})
    Shelf(tmp_path).remove("key")
    assert kept.get("key") == {"count": 1}
    kept.put("key", {"count": 1})
    assert Shelf(tmp_path).get("key") == {"count": 1}


def test_what_is_still_so_is_written_again_before_it_looks_unused(tmp_path: Path) -> None:
    kept, shelf = _Kept(Shelf(tmp_path), 3), Shelf(tmp_path)
    kept.put("key", {"count": 1})
    os.utime(shelf.path("key"), (1, 1))
    assert kept.get("key") == {"count": 1}
    kept.put("key", {"count": 1})
    assert shelf.path("key").stat().st_mtime > 1


def test_what_a_call_was_answered_with_is_for_its_owner_alone(server: Standing, tmp_path: Path) -> None:
    with Client(server.url, cache=tmp_path / "cache") as client:
        client.begin("CA0", number=NUMBER)
    folders = [each for each in tmp_path.glob("cache/*/*") if each.is_dir()]
    assert {each.stat().st_mode & 0o077 for each in folders} == {0}
