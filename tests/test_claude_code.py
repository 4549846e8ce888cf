"""The real client loads the shipped file, offers it, and obeys it, from a project and from the user's own folder."""

import sys

import pytest
from agent_file import AGENT, SEARCHES, TEXT, TOOLS, parse
from claude_code import HELLO, TASK, install, run_client

NAME = AGENT.stem
FIELDS, BODY = parse(AGENT.read_bytes())


def granted(version: tuple[int, ...]) -> set[str]:
    """What a client of this version grants of the tools in the file (measured on 1.0.60 to 2.1.332)."""
    names = {name for name in FIELDS["tools"].split(", ") if version <= (TOOLS[name] or version)}
    return names - SEARCHES if version >= (2, 1, 162) and sys.platform != "win32" else names


def has_the_body(request: dict) -> bool:
    return any(block["text"].startswith(BODY) for block in request["system"])


def test_the_client_reports_the_agent_at_start(delegation):
    assert NAME in delegation.init["agents"]


def test_the_conversation_is_told_name_description_and_tools(delegation):
    assert f"- {NAME}: {FIELDS['description']} (Tools: {FIELDS['tools']})\n" in delegation.listing(HELLO)


def test_a_delegation_gets_the_body_as_system_prompt(delegation):
    assert has_the_body(delegation.request_for(TASK))


def test_a_delegation_runs_on_a_sonnet_while_the_conversation_does_not(delegation):
    assert delegation.request_for(HELLO)["model"].startswith("claude-opus-")
    assert delegation.request_for(TASK)["model"].startswith("claude-sonnet-")


def test_a_delegation_gets_exactly_the_tools_that_the_client_has(delegation):
    assert {tool["name"] for tool in delegation.request_for(TASK)["tools"]} == granted(delegation.version)


def test_an_own_session_gets_the_body_as_system_prompt(own_session, since):
    since(own_session, (2, 1, 9), "older clients don't apply --agent to a headless session")
    assert has_the_body(own_session.request_for(TASK))


def test_an_own_session_runs_on_a_sonnet(own_session):
    assert own_session.request_for(TASK)["model"].startswith("claude-sonnet-")


def test_an_own_session_gets_exactly_the_tools_that_the_client_has(own_session, since):
    since(own_session, (2, 1, 119), "older clients don't restrict the tools of a headless session")
    assert set(own_session.init["tools"]) == granted(own_session.version)


# Why test_frontmatter.py refuses such files: the client says nothing.
@pytest.mark.parametrize(
    ("has", "instead"),
    [
        pytest.param(f"name: {NAME}\n", "", id="it has no name"),
        pytest.param("description: ", "about: ", id="it has no description"),
        pytest.param("---\nname", "\n---\nname", id="a blank line comes first"),
        pytest.param("color: green\n---", "color: green", id="its frontmatter is not closed"),
    ],
)
def test_the_client_does_not_offer_the_agent_when(has, instead, tmp_path):
    assert has in TEXT
    broken = TEXT.replace(has, instead, 1).encode()
    session = run_client(**install(tmp_path, "project", broken), prompt=HELLO)
    assert "general-purpose" in session.init["agents"]
    assert NAME not in session.init["agents"] and f"- {NAME}: " not in session.listing(HELLO)


def test_three_hyphens_in_a_field_end_the_frontmatter_and_grant_all_tools(tmp_path):
    broken = TEXT.replace("middleware,", "middleware --- and", 1).encode()
    session = run_client(**install(tmp_path, "project", broken), prompt=HELLO)
    assert "authentication, middleware (Tools: All tools)\n" in session.listing(HELLO)
