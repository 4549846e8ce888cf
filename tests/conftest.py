"""The fixtures of all test files: what the client was seen to do with the shipped agent file, and with the evals."""

import json

import pytest
from agent_file import AGENT
from claude_code import HELLO, MISDESCRIBED, TASK, Session, install, run_client, run_offline, scripted, spawn
from evaluation import Evaluation, evaluate


@pytest.fixture(scope="module", params=["project", "home"])
def delegation(request, tmp_path_factory) -> Session:
    """A conversation with an Opus that gives TASK to the agent."""
    places = install(tmp_path_factory.mktemp("delegation"), request.param)
    return run_client(**places, prompt=HELLO, options=["--model", "opus"], answer=scripted({HELLO: [spawn(TASK)]}))


@pytest.fixture(scope="module")
def own_session(tmp_path_factory) -> Session:
    """A whole session with the agent, as `claude --agent backend-engineer` starts it."""
    places = install(tmp_path_factory.mktemp("own_session"), "project")
    return run_client(**places, prompt=TASK, options=["--agent", AGENT.stem])


@pytest.fixture
def since(request):
    """Called with a session and a version: the test has to fail on a client older than that, for the reason given."""

    def mark(session: Session, version: tuple[int, ...], reason: str) -> None:
        request.applymarker(pytest.mark.xfail(session.version < version, reason=reason))

    return mark


@pytest.fixture(scope="module")
def good_answers(tmp_path_factory) -> Evaluation:
    """The evals, answered well with the agent; without it the model says "done" to everything."""
    return evaluate(tmp_path_factory.mktemp("good_answers"), "good")


@pytest.fixture(scope="module")
def careless_answers(tmp_path_factory) -> Evaluation:
    """The evals with the agent alone, answered carelessly."""
    return evaluate(tmp_path_factory.mktemp("careless_answers"), "careless", "--ablation", "none")


@pytest.fixture(
    params=[
        pytest.param({}, id="no hook"),
        pytest.param(
            {"hooks": {"SessionStart": [{"hooks": [{"type": "command", "command": "echo good morning"}]}]}},
            id="a SessionStart hook",
        ),
    ]
)
def places(request, tmp_path):
    """A home and a project without the agent, with and without a hook that speaks before the client does."""
    home, project = tmp_path / "home", tmp_path / "project"
    (home / ".claude").mkdir(parents=True)
    project.mkdir()
    (home / ".claude/settings.json").write_text(json.dumps(request.param))
    return {"home": home, "project": project}


@pytest.fixture(scope="module")
def help_text(tmp_path_factory) -> str:
    """What the client tells of its options."""
    return run_offline(["claude", "--help"], **install(tmp_path_factory.mktemp("help"), "home"))[0].stdout


@pytest.fixture(scope="module")
def variants(tmp_path_factory) -> Session:
    """A session in a project that has the agent, and a copy of it for each of MISDESCRIBED."""
    places = install(tmp_path_factory.mktemp("variants"), "project")
    for name, description in MISDESCRIBED.items():
        text = f"---\nname: {name}\ndescription: {description}\n---\nYou are an engineer.\n"
        (places["project"] / f".claude/agents/{name}.md").write_text(text, encoding="utf-8")
    return run_client(**places, prompt=HELLO)
