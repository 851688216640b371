"""Queries: what callers ask leads to one topic."""

from __future__ import annotations

from support.checking import told


def _topics(*topics: str) -> list[str]:
    return told({"agent.yaml": "name: A\n", **{f"topics/{n}.yaml": text for n, text in enumerate(topics)}})


def test_a_query_that_two_topics_have_is_told_with_the_other_place() -> None:
    assert _topics(
        "name: a\nexample_queries: [Are you open?]\n", "name: b\nexample_queries:\n- x\n- are  you open?\n"
    ) == [
        "warning: topics/1.yaml:4:3: duplicate-query: the example query 'are  you open?' stands in topics/0.yaml:2:19,"
        " too -> Keep it in one topic: callers who say it reach only one."
    ]


def test_a_topic_that_is_not_in_use_takes_no_query_away() -> None:
    assert _topics("name: a\nenabled: false\nexample_queries: [x]\n", "name: b\nexample_queries: [x]\n") == []
