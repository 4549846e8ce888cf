"""What the README tells its readers is what the real client does: its commands as they stand there, and its causes."""

import json
import re
import shutil
import subprocess

import pytest
from agent_file import AGENT
from claude_code import HELLO, MISDESCRIBED, TASK, install, run_client, run_offline, scripted, spawn, tool_use

ROOT = AGENT.parents[2]
SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
COMMANDS = SHELL_BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
WORK = [  # what neither the reading nor the editing modes of a client allow: the second call runs a program
    tool_use("Write", file_path="made.txt", content="made"),
    tool_use("Bash", command="python3 -c \"open('ran.txt', 'w')\"", description="run"),
]


def command(part: str) -> list[str]:
    """The README's one block of shell commands that has `part` in it, as it stands there."""
    [found] = [block for block in COMMANDS if part in block]
    return ["sh", "-c", found]


@pytest.mark.parametrize(("copy", "project"), [("PROJECT=", "home/code/my-api"), ("~/.claude/agents/\n", "project")])
def test_the_check_prints_true_after_the_file_is_copied(copy, project, places, tmp_path):
    run_offline(command(copy), places["home"], ROOT)
    run, _ = run_offline(command("grep"), places["home"], tmp_path / project)
    assert run.stdout == "True\n"


def test_the_check_prints_nothing_without_the_file(places):
    assert run_offline(command("grep"), **places)[0].stdout == ""


def test_the_check_is_not_taken_in_by_a_slash_command_of_that_name(tmp_path):
    places = install(tmp_path, "project")
    agents = places["project"] / ".claude/agents"
    agents.rename(agents.with_name("commands"))
    assert AGENT.stem in run_client(**places, prompt=HELLO).init["slash_commands"]
    assert run_offline(command("grep"), **places)[0].stdout == ""


def files(places) -> set[str]:
    return {path.name for path in places["project"].iterdir()} - {".claude"}


def test_the_headless_command_edits_and_runs(tmp_path):
    places = install(tmp_path, "project")
    run_offline(command("--allowedTools"), **places, answer=scripted({"": [WORK]}))
    assert files(places) == {"made.txt", "ran.txt"}


@pytest.mark.parametrize(
    ("options", "made", "denied"),
    [
        pytest.param([], set(), ["Write", "Bash"], id="by default neither edits nor runs"),
        pytest.param(["--permission-mode", "acceptEdits"], {"made.txt"}, ["Bash"], id="in acceptEdits edits"),
        pytest.param(
            ["--permission-mode", "acceptEdits", "--allowedTools", "Bash"],
            {"made.txt", "ran.txt"},
            [],
            id="with both flags edits and runs",
        ),
    ],
)
@pytest.mark.parametrize("agent", [[], ["--agent", AGENT.stem]], ids=["a delegation", "an own session"])
def test_without_a_screen(agent, options, made, denied, tmp_path):
    places = install(tmp_path, "project")
    script = {HELLO: [WORK]} if agent else {HELLO: [spawn(TASK)], TASK: [WORK]}
    session = run_client(**places, prompt=HELLO, options=[*agent, *options], answer=scripted(script))
    assert (files(places), session.denied) == (made, denied)


def test_the_json_result_of_an_own_session_names_what_was_denied(tmp_path):
    options = ["--agent", AGENT.stem, "--permission-mode", "default", "--output-format", "json"]
    run, _ = run_offline(
        ["claude", "-p", HELLO, *options], **install(tmp_path, "project"), answer=scripted({"": [WORK]})
    )
    assert [denial["tool_name"] for denial in json.loads(run.stdout)["permission_denials"]] == ["Write", "Bash"]


def agents_in(home, project, options=(), **variables) -> list[str]:
    """The agents of a session in `project`."""
    return run_client(home, project, HELLO, options, **variables).init["agents"]


def test_it_loads_in_a_session_started_in_a_sub_folder(tmp_path):
    places = install(tmp_path, "project")
    (below := places["project"] / "src" / "api").mkdir(parents=True)
    assert AGENT.stem in agents_in(places["home"], below)


def test_it_loads_from_a_sub_folder_of_agents(tmp_path):
    places = install(tmp_path, "project")
    agents = places["project"] / ".claude/agents"
    (agents / "team").mkdir()
    (agents / AGENT.name).rename(agents / "team" / AGENT.name)
    assert AGENT.stem in agents_in(**places)


def test_of_two_files_with_one_name_one_loads(tmp_path):
    places = install(tmp_path, "project")
    shutil.copy(AGENT, places["project"] / ".claude/agents/copy.md")
    assert agents_in(**places).count(AGENT.stem) == 1


def test_it_does_not_load_in_a_git_repository_of_its_own_below_the_project(tmp_path, since):
    places = install(tmp_path, "project")
    subprocess.run(["git", "init", "--quiet", below := places["project"] / "nested"], check=True)
    session = run_client(places["home"], below, HELLO)
    since(session, (2, 1, 10), "older clients look above a repository too")
    assert AGENT.stem not in session.init["agents"]


def test_it_does_not_load_above_the_folder_that_has_it(tmp_path):
    assert AGENT.stem not in agents_in(install(tmp_path, "project")["home"], tmp_path)


def test_with_a_config_folder_elsewhere_the_home_is_not_read(tmp_path):
    places = install(tmp_path, "home")
    assert AGENT.stem not in agents_in(**places, CLAUDE_CONFIG_DIR=str(tmp_path / "elsewhere"))


def test_a_name_that_ends_in_capitals_is_not_found(tmp_path):
    places = install(tmp_path, "project")
    file = places["project"] / ".claude/agents" / AGENT.name
    file.rename(file.with_suffix(".MD"))
    assert AGENT.stem not in agents_in(**places)


@pytest.mark.parametrize("option", ["--bare", "--safe-mode", "--restricted", "--setting-sources project"])
def test_the_home_is_not_read_with(option, help_text, request, tmp_path):
    lacks = option.split()[0] not in help_text
    request.applymarker(pytest.mark.xfail(lacks, reason="this client is older than the option"))
    assert AGENT.stem not in agents_in(**install(tmp_path, "home"), options=option.split())


@pytest.mark.parametrize("name", MISDESCRIBED)
def test_it_is_dropped_if_its_description(name, variants, since):
    since(variants, (2, 0, 77), "older clients take each line for what it says")
    assert AGENT.stem in variants.init["agents"] and name not in variants.init["agents"]
