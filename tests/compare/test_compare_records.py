"""The comparison as plain data for `--json`."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings

from compare.trees import Contents, Tree, between, edited_trees, file
from gitagent.cli.compare_views.records import record
from gitagent.config.files import FileKind


def test_the_record_says_everything() -> None:
    old = {"agent.yaml": "name: a\nspeed: 1.0\n"}
    new: Contents = {"agent.yaml": "name: a\nspeed: 1.2\n", "run.sh": file("", FileKind.EXECUTABLE)}

    assert record(between(old, new)) == {
        "old": "v3",
        "new": "v7",
        "differs": True,
        "summary": "2 files: agent.yaml (speed 1.0 → 1.2), run.sh added",
        "counts": {
            "files": 2,
            "added": 1,
            "deleted": 0,
            "modified": 1,
            "renamed": 0,
            "lines_added": 1,
            "lines_removed": 1,
        },
        "files": [
            {
                "path": "agent.yaml",
                "kind": "modified",
                "binary": False,
                "old": {
                    "path": "agent.yaml",
                    "type": "file",
                    "id": "95c24bd67fbc83536d71a483d404412a08832439",
                    "size": 19,
                },
                "new": {
                    "path": "agent.yaml",
                    "type": "file",
                    "id": "85a3b20628f540f6325de5a42b56d337f34467f3",
                    "size": 19,
                },
                "notes": [],
                "keys": [{"path": "speed", "kind": "changed", "old": 1.0, "new": 1.2}],
                "lines_added": 1,
                "lines_removed": 1,
                "hunks": [
                    {
                        "old_start": 1,
                        "old_lines": 2,
                        "new_start": 1,
                        "new_lines": 2,
                        "rows": [
                            {
                                "kind": "same",
                                "old": {"number": 1, "text": "name: a", "spans": []},
                                "new": {"number": 1, "text": "name: a", "spans": []},
                            },
                            {
                                "kind": "changed",
                                "old": {"number": 2, "text": "speed: 1.0", "spans": [[7, 10]]},
                                "new": {"number": 2, "text": "speed: 1.2", "spans": [[7, 10]]},
                            },
                        ],
                    }
                ],
            },
            {
                "path": "run.sh",
                "kind": "added",
                "binary": False,
                "old": None,
                "new": {
                    "path": "run.sh",
                    "type": "executable",
                    "id": "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
                    "size": 0,
                },
                "notes": [{"kind": "type", "text": "executable file"}],
                "keys": None,
                "lines_added": 0,
                "lines_removed": 0,
                "hunks": [],
            },
        ],
    }


def test_keys_have_the_sides_that_they_were_on() -> None:
    old = {"a.yaml": "gone: {a: [1, yes, null]}\nend: .inf\n"}
    new = {"a.yaml": "new: text\nend: .nan\n"}

    files = json.loads(json.dumps(record(between(old, new))["files"]))

    assert files[0]["keys"] == [
        {"path": "new", "kind": "added", "new": "text"},
        {"path": "end", "kind": "changed", "old": "inf", "new": "nan"},
        {"path": "gone", "kind": "removed", "old": {"a": [1, "yes", None]}},
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(edited_trees())
def test_whatever_the_files_hold_the_record_is_json(pair: tuple[Tree, Tree]) -> None:
    found = record(between(*pair))

    text = json.dumps(found, ensure_ascii=False, allow_nan=False)
    assert json.loads(text) == found
    assert text.encode()
