"""The sample as plain data, to the letter."""

from __future__ import annotations

from compare.sample import sample
from gitagent.cli.compare_views.records import record

WHOLE = {
    "old": "v3",
    "new": "v7",
    "differs": True,
    "counts": {
        "files": 11,
        "added": 1,
        "deleted": 1,
        "modified": 8,
        "renamed": 1,
        "lines_added": 15,
        "lines_removed": 11,
    },
}

FILES = {
    "logo.png": {
        "path": "logo.png",
        "kind": "modified",
        "binary": True,
        "old": {"path": "logo.png", "type": "file", "id": "d0463d47f174d7552cc8f1f10d3f1fdc31908ed7", "size": 7},
        "new": {"path": "logo.png", "type": "file", "id": "2ee55da7348a42d464300b58367eac68e991f889", "size": 8},
        "notes": [{"kind": "binary", "text": "binary, 7 → 8 bytes"}],
        "keys": None,
        "lines_added": 0,
        "lines_removed": 0,
        "hunks": [],
    },
    "notes.txt": {
        "path": "notes.txt",
        "kind": "modified",
        "binary": False,
        "old": {"path": "notes.txt", "type": "file", "id": "b952bf5a65f7016af3cb4bfb0a0167bcb71791b7", "size": 15},
        "new": {"path": "notes.txt", "type": "file", "id": "66a52ee7a1d803dc57859c3e95ac9dcdc87c0164", "size": 13},
        "notes": [{"kind": "line-endings", "text": "line endings CRLF → LF"}],
        "keys": None,
        "lines_added": 0,
        "lines_removed": 0,
        "hunks": [],
    },
    "prompt.md": {
        "path": "prompt.md",
        "kind": "modified",
        "binary": False,
        "old": {"path": "prompt.md", "type": "file", "id": "66b2e76146539cd510b3eb3450c6ef1db6eac8d5", "size": 267},
        "new": {"path": "prompt.md", "type": "file", "id": "a94c4138ab7c9af4ec40749521977c9106c21033", "size": 350},
        "notes": [],
        "keys": None,
        "lines_added": 2,
        "lines_removed": 1,
        "hunks": [
            {
                "old_start": 1,
                "old_lines": 4,
                "new_start": 1,
                "new_lines": 5,
                "rows": [
                    {
                        "kind": "same",
                        "old": {
                            "number": 1,
                            "text": "You answer the telephone of the Harbour Table, a small restaurant by the sea.",
                            "spans": [],
                        },
                        "new": {
                            "number": 1,
                            "text": "You answer the telephone of the Harbour Table, a small restaurant by the sea.",
                            "spans": [],
                        },
                    },
                    {
                        "kind": "changed",
                        "old": {
                            "number": 2,
                            "text": "Be warm, brief and exact; never promise what the kitchen cannot keep.",
                            "spans": [[7, 14], [19, 25]],
                        },
                        "new": {
                            "number": 2,
                            "text": "Be warm and brief, use the guest's name, "
                            "and never promise what the kitchen cannot keep.",
                            "spans": [[12, 44]],
                        },
                    },
                    {
                        "kind": "same",
                        "old": {
                            "number": 3,
                            "text": "Ask for the name, the number of guests, the day and the time, in this order.",
                            "spans": [],
                        },
                        "new": {
                            "number": 3,
                            "text": "Ask for the name, the number of guests, the day and the time, in this order.",
                            "spans": [],
                        },
                    },
                    {
                        "kind": "added",
                        "old": None,
                        "new": {
                            "number": 4,
                            "text": "Hand over to the manager for more than ${largest_party} guests.",
                            "spans": [],
                        },
                    },
                    {
                        "kind": "same",
                        "old": {"number": 4, "text": "Repeat the booking before you confirm it.", "spans": []},
                        "new": {"number": 5, "text": "Repeat the booking before you confirm it.", "spans": []},
                    },
                ],
            }
        ],
    },
    "run tests": {
        "path": "run tests",
        "kind": "modified",
        "binary": False,
        "old": {"path": "run tests", "type": "file", "id": "0cac185e6e3b0bfbbbda7f9975c6e1561ec0eb6d", "size": 14},
        "new": {
            "path": "run tests",
            "type": "executable",
            "id": "0cac185e6e3b0bfbbbda7f9975c6e1561ec0eb6d",
            "size": 14,
        },
        "notes": [{"kind": "mode", "text": "now executable"}],
        "keys": None,
        "lines_added": 0,
        "lines_removed": 0,
        "hunks": [],
    },
    "topics/hours.yaml": {
        "path": "topics/hours.yaml",
        "kind": "added",
        "binary": False,
        "old": None,
        "new": {
            "path": "topics/hours.yaml",
            "type": "file",
            "id": "c8576794944fb24e7614477c9ffbad3b367692a8",
            "size": 72,
        },
        "notes": [],
        "keys": [
            {"path": "name", "kind": "added", "new": "hours"},
            {"path": "example_queries", "kind": "added", "new": ["when are you open"]},
            {"path": "content", "kind": "added", "new": "Noon to ten."},
        ],
        "lines_added": 4,
        "lines_removed": 0,
        "hunks": [
            {
                "old_start": 1,
                "old_lines": 0,
                "new_start": 1,
                "new_lines": 4,
                "rows": [
                    {"kind": "added", "old": None, "new": {"number": 1, "text": "name: hours", "spans": []}},
                    {"kind": "added", "old": None, "new": {"number": 2, "text": "example_queries:", "spans": []}},
                    {"kind": "added", "old": None, "new": {"number": 3, "text": "  - when are you open", "spans": []}},
                    {"kind": "added", "old": None, "new": {"number": 4, "text": "content: Noon to ten.", "spans": []}},
                ],
            }
        ],
    },
    "topics/menu.yaml": {
        "path": "topics/menu.yaml",
        "kind": "modified",
        "binary": False,
        "old": {
            "path": "topics/menu.yaml",
            "type": "file",
            "id": "637e719f7b7506b6f9e20d45c6a74d8623ed2ac2",
            "size": 41,
        },
        "new": {
            "path": "topics/menu.yaml",
            "type": "file",
            "id": "f9eafd3873a6255b81c1e20df7963bf4538d64af",
            "size": 52,
        },
        "notes": [{"kind": "layout-only", "text": "only comments and layout changed"}],
        "keys": [],
        "lines_added": 1,
        "lines_removed": 1,
        "hunks": [
            {
                "old_start": 1,
                "old_lines": 3,
                "new_start": 1,
                "new_lines": 3,
                "rows": [
                    {
                        "kind": "same",
                        "old": {"number": 1, "text": "name: menu", "spans": []},
                        "new": {"number": 1, "text": "name: menu", "spans": []},
                    },
                    {
                        "kind": "changed",
                        "old": {"number": 2, "text": "# what we cook", "spans": [[7, 14]]},
                        "new": {"number": 2, "text": "# what the kitchen offers", "spans": [[7, 25]]},
                    },
                    {
                        "kind": "same",
                        "old": {"number": 3, "text": "content: Fish.", "spans": []},
                        "new": {"number": 3, "text": "content: Fish.", "spans": []},
                    },
                ],
            }
        ],
    },
    "topics/old.yaml": {
        "path": "topics/old.yaml",
        "kind": "deleted",
        "binary": False,
        "old": {
            "path": "topics/old.yaml",
            "type": "file",
            "id": "28f71bb9ff51a5bb15c12f5b8f4e96924cf3e575",
            "size": 25,
        },
        "new": None,
        "notes": [],
        "keys": [
            {"path": "name", "kind": "removed", "old": "old"},
            {"path": "content", "kind": "removed", "old": "Gone."},
        ],
        "lines_added": 0,
        "lines_removed": 2,
        "hunks": [
            {
                "old_start": 1,
                "old_lines": 2,
                "new_start": 1,
                "new_lines": 0,
                "rows": [
                    {"kind": "removed", "old": {"number": 1, "text": "name: old", "spans": []}, "new": None},
                    {"kind": "removed", "old": {"number": 2, "text": "content: Gone.", "spans": []}, "new": None},
                ],
            }
        ],
    },
    "topics/parking.yaml": {
        "path": "topics/parking.yaml",
        "kind": "renamed",
        "binary": False,
        "old": {
            "path": "topics/car.yaml",
            "type": "file",
            "id": "ff1afb6fede67edbca2a5ecff07501966234e495",
            "size": 142,
        },
        "new": {
            "path": "topics/parking.yaml",
            "type": "file",
            "id": "939a40e8de164ecf18750f34f24288265eaff334",
            "size": 143,
        },
        "notes": [{"kind": "renamed", "text": "renamed from topics/car.yaml"}],
        "keys": [{"path": "enabled", "kind": "changed", "old": True, "new": False}],
        "lines_added": 1,
        "lines_removed": 1,
        "hunks": [
            {
                "old_start": 1,
                "old_lines": 5,
                "new_start": 1,
                "new_lines": 5,
                "rows": [
                    {
                        "kind": "same",
                        "old": {"number": 1, "text": "name: parking", "spans": []},
                        "new": {"number": 1, "text": "name: parking", "spans": []},
                    },
                    {
                        "kind": "changed",
                        "old": {"number": 2, "text": "enabled: true", "spans": [[9, 13]]},
                        "new": {"number": 2, "text": "enabled: false", "spans": [[9, 14]]},
                    },
                    {
                        "kind": "same",
                        "old": {"number": 3, "text": "example_queries:", "spans": []},
                        "new": {"number": 3, "text": "example_queries:", "spans": []},
                    },
                    {
                        "kind": "same",
                        "old": {"number": 4, "text": "  - where can I leave my car", "spans": []},
                        "new": {"number": 4, "text": "  - where can I leave my car", "spans": []},
                    },
                    {
                        "kind": "same",
                        "old": {"number": 5, "text": "  - is there a car park", "spans": []},
                        "new": {"number": 5, "text": "  - is there a car park", "spans": []},
                    },
                ],
            }
        ],
    },
}


def test_the_record_of_the_comparison() -> None:
    found = record(sample())

    assert {key: value for key, value in found.items() if key not in ("files", "summary")} == WHOLE
    assert found["summary"] == sample().summary


def test_the_records_of_its_files() -> None:
    files = record(sample())["files"]

    assert isinstance(files, list)
    assert {file["path"]: file for file in files if file["path"] in FILES} == FILES
