"""Hints for what people type instead of what they mean."""

from __future__ import annotations

import pytest
from support.building import Built
from support.commandline import Cli, Ran


@pytest.mark.parametrize("command", ["promote", "rollback"])
def test_a_version_before_the_environment_is_turned_round(cli: Cli, command: str) -> None:
    assert cli(command, "v4", "live") == Ran(
        3,
        "",
        f"error: v4 is a version, and the environment comes first\nhint: Did you mean: gitagent {command} live v4?\n",
    )
    assert "no environment is called 'v4'" in cli(command, "v4", "v5").err
    assert "no environment is called 'v4'" in cli(command, "v4").err


def test_an_environment_after_environments_is_told_what_there_is(cli: Cli) -> None:
    assert cli("environments", "live") == Ran(
        2,
        "",
        "error: there is no command 'live'\n"
        "hint: To see the pipeline: gitagent environments; to change live: gitagent environments set live --help\n",
    )
    assert cli("environments", "sett").err.endswith("hint: Did you mean set?\n")
    assert cli("numbers", "live").err.endswith("hint: 'gitagent numbers --help' lists the commands.\n")


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("compare --view keyz", "Did you mean keys?"),
        ("compare --view qqqqqq", "'gitagent compare --help' explains it."),
        ("validate --format githup", "Did you mean github?"),
    ],
)
def test_a_choice_that_is_nearly_right_is_suggested(cli: Cli, line: str, hint: str) -> None:
    ran = cli(*line.split())
    assert (ran.code, ran.err.splitlines()[-1]) == (2, f"hint: {hint}")


@pytest.mark.parametrize(
    ("number", "where"),
    [("+44 20 7946 002", " in GB"), ("+1 555 555 0123", " in US"), ("+999 12345678", None), ("+883 1234 5678", "")],
)
def test_a_number_that_no_plan_has_is_warned_of_and_assigned(
    cli: Cli, agent: Built, number: str, where: str | None
) -> None:
    ran = cli("numbers", "assign", number, "-e", "live")
    if where is None:  # no country has it
        assert ran.code == 3
        return
    e164 = number.replace(" ", "")
    assert ran.err == f"warning: {e164} is not a number in use{where}; check it\n"
    assert [str(each.number) for each in agent.agent.numbers()] == [e164]


@pytest.mark.parametrize("number", ["+44 20 7946 0018", "+44 20 7946 0021", "+1 202 555 0123"])
def test_numbers_for_examples_are_not_warned_of(cli: Cli, number: str) -> None:
    assert cli("numbers", "assign", number, "-e", "live").err == ""
