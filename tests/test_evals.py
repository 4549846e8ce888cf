"""The evals measure something: each can be passed, and each of their graders can be failed.

The client's own `claude plugin eval` judges, offline; in the model's place a stub plays the answers that stand beside
each case. What the agent does with a real model is for `python tests/evals/run.py` to show.
"""

import subprocess

import pytest
from agent_file import AGENT, split
from evaluation import CASES, COMMAND, EVALS, evaluate, tools

each_case = pytest.mark.parametrize("case", CASES)


@each_case
def test_a_case_has_three_to_five_graders_of_its_own(case):
    assert 3 <= len(list((EVALS / case).glob("graders/*.md"))) <= 5


@each_case
def test_a_good_answer_passes_every_grader(case, good_answers):
    assert [grader for grader, passed in good_answers.verdicts(case).items() if not passed] == []


@each_case
def test_a_careless_answer_fails_every_grader(case, careless_answers):
    assert [grader for grader, passed in careless_answers.verdicts(case).items() if passed] == []


@each_case
def test_a_model_that_only_says_done_fails_the_case(case, good_answers):
    assert not all(good_answers.verdicts(case, "without").values())


def test_every_edit_of_the_answers_fits_the_fixture(good_answers, careless_answers):
    assert good_answers.refused_calls() + careless_answers.refused_calls() == []


@pytest.mark.parametrize(("arm", "carried"), [("with", True), ("without", False)])
def test_only_the_arm_with_the_agent_carries_its_text(arm, carried, good_answers):
    body = split(AGENT.read_bytes())[1].strip()
    systems = ["".join(block["text"] for block in request["system"]) for request in good_answers.openings(arm)]
    assert [body in system for system in systems] == [carried] * len(CASES)


def test_both_arms_run_on_one_model(good_answers):
    assert len({request["model"] for arm in ("with", "without") for request in good_answers.openings(arm)}) == 1


def test_neither_arm_has_a_shell(good_answers):
    assert "Bash" not in set.union(*(tools(r) for arm in ("with", "without") for r in good_answers.openings(arm)))


def test_a_changed_copy_is_evaluated_in_the_agents_place(tmp_path):
    copy = tmp_path / "copy.md"
    copy.write_bytes(AGENT.read_bytes() + b"\nOne rule more.\n")
    tried = evaluate(tmp_path, "good", "--agent", copy, "--case", CASES[0], "--ablation", "none")
    assert "One rule more." in tried.openings("with")[0]["system"][-1]["text"]


def test_the_command_says_first_how_many_model_runs_it_takes(good_answers):
    assert good_answers.printed.startswith(f"{2 * len(CASES)} model runs: {len(CASES)} cases, 1 runs, 2 arms\n")


def test_the_command_prints_a_table_of_both_arms(good_answers):
    lines = [line.split() for line in good_answers.printed.splitlines() if line]
    header = next(number for number, words in enumerate(lines) if words[:3] == ["CASE", "WITH", "W/OUT"])
    table = {case: (with_agent, without) for case, with_agent, without, *_ in lines[header + 1 :][: len(CASES)]}
    assert list(table) == CASES
    assert all(with_agent == "1.00" > without for with_agent, without in table.values())


def test_the_command_leaves_a_report_and_says_where(good_answers):
    assert (good_answers.results / "report.html").is_file()
    assert f"Report and results: {good_answers.results}" in good_answers.printed


def test_the_command_exits_as_the_client_does(good_answers, careless_answers):
    assert (good_answers.code, careless_answers.code) == (0, 1)


@pytest.mark.parametrize(
    ("version", "options", "message"),
    [
        pytest.param(None, [], "There is no `claude` on PATH", id="there is no client"),
        pytest.param("2.1.268", [], "2.1.269 or newer, this is 2.1.268", id="the client is too old"),
        pytest.param("2.1.269", ["--case", "no-such-case"], "matches 'no-such-case'", id="no case matches"),
        pytest.param("2.1.269", ["--agent", EVALS / "run.py"], "run.py is no agent file", id="the file is no agent"),
    ],
)
def test_the_command_stops_with_a_message_where(version, options, message, tmp_path):
    if version:
        (tmp_path / "claude").write_text(f"#!/bin/sh\necho '{version} (Claude Code)'\n")
        (tmp_path / "claude").chmod(0o755)
    own_path = {"PATH": str(tmp_path)}
    stopped = subprocess.run([*COMMAND, *options], env=own_path, capture_output=True, encoding="utf-8", check=False)
    assert stopped.returncode == 1 and message in stopped.stderr
