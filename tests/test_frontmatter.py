"""The shipped file is one that every client loads as it is meant, and each way of breaking it is refused by name."""

import pytest
from agent_file import AGENT, TEXT, fields, problems

ASKED_FOR = {  # the counter-examples below break these values
    "name": "backend-engineer",
    "description": "Use this agent for FastAPI development, API design, authentication, middleware, and backend services. "
    "Invoke when building REST APIs, implementing business logic, handling file uploads, or integrating external services.",
    "tools": "Read, Write, Edit, MultiEdit, Grep, LS, Bash, WebSearch",
    "model": "sonnet",
    "color": "green",
}


def test_the_shipped_file_is_one_that_every_client_loads_as_meant():
    assert problems(AGENT.read_bytes()) == []


def test_the_shipped_file_has_the_values_that_were_asked_for():
    assert fields(AGENT.read_bytes()) == ASKED_FOR


LAST_SECTION = TEXT.rpartition("## How You Report\n")[2]
MISSING = [(f"{k} is left out", f"{k}: {v}\n", "", f"{k}: Field required") for k, v in ASKED_FOR.items()]
EMPTY = [
    (f"{k} is empty", f"{k}: {v}\n", f"{k}:\n", f"{k}: line {n} is") for n, (k, v) in enumerate(ASKED_FOR.items(), 2)
]
BROKEN = [  # what is wrong, what the shipped file has, what stands there instead, how the refusal begins
    *MISSING,
    *EMPTY,
    ("a byte order mark comes first", "---\nname", "\ufeff---\nname", "file: '---' is not the first line"),
    ("a blank line comes first", "---\nname", "\n---\nname", "file: '---' is not the first line"),
    ("the frontmatter is not closed", "green\n---\n", "green\n", "file: the frontmatter is not closed"),
    ("it is not UTF-8", "senior", "s\udce9nior", "file: not UTF-8"),
    ("a field stands twice", "color: green", "color: green\ncolor: red", "file: found duplicate key"),
    ("a field has no space after its colon", "color: ", "color:", "color: line 6 is"),
    ("a comment is among the fields", "color: ", "# team\ncolor: ", "file: line 6 is"),
    ("there is a sixth field", "color: green", "color: green\nversion: v1", "version: Extra inputs"),
    ("a field is misspelt", "color: green", "color: green\ncolour: green", "colour: Extra inputs"),
    ("name is a number", "name: backend-engineer", "name: 7", "name: Input should be a valid string"),
    ("name has capitals", "name: backend-engineer", "name: Backend-Engineer", "name: String should match"),
    ("name has a space", "name: backend-engineer", "name: backend engineer", "name: String should match"),
    ("name has a colon", "name: backend-engineer", "name: team:engineer", "name: String should match"),
    ("name is not the file's", "name: backend-engineer", "name: backend-expert", "name: Value error, differs"),
    ("description is a number", ASKED_FOR["description"], "7", "description: Input should be a valid string"),
    ("description is too short", ASKED_FOR["description"], "Use this agent for APIs", "description: String"),
    ("description is too long", "Use this agent for", "Use this agent for " + 300 * "x", "description: String"),
    ("description doesn't say when", "Use this agent for", "An expert in", "description: String should match"),
    ("description goes over two lines", "services. I", "services.\n  I", "file: line 4 is"),
    ("description is a literal block", "description: ", "description: |\n  ", "description: line 3 is"),
    ("description is a folded block", "description: ", "description: >-\n  ", "description: line 3 is"),
    ("description has a colon", "Invoke when", "Invoke when: ", "description: has ': '"),
    ("description has a hash", "FastAPI development", "FastAPI #1 development", "description: has ' #'"),
    ("description has escaped quotes", ASKED_FOR["description"], r'"Use this \"agent\""', "description: line 3 is"),
    ("description has three hyphens", "middleware,", "middleware --- and", "description: has '---'"),
    ("tools is a list in brackets", ASKED_FOR["tools"], "[Read, Write, Bash]", "tools: line 4 is"),
    ("tools is a list of lines", ASKED_FOR["tools"], "\n  - Read\n  - Write", "tools: line 4 is"),
    ("tools has an empty entry", "Read, Write", "Read, , Write", "tools: Value error, ['']"),
    ("tools lacks a comma", "Read, Write", "Read Write", "tools: Value error, ['Read Write']"),
    ("tools has another case", "Read, Write", "read, Write", "tools: Value error, ['read']"),
    ("tools has an unknown tool", "WebSearch", "Browser", "tools: Value error, ['Browser']"),
    ("tools has a tool twice", "WebSearch", "Bash", "tools: Value error, a tool stands twice"),
    ("tools has nothing that reads", "Read, Write", "Write", "tools: Value error, nothing that ['reads']"),
    ("tools has nothing that writes", "Write, Edit, ", "", "tools: Value error, nothing that ['writes']"),
    ("tools has nothing that runs", "LS, Bash,", "LS,", "tools: Value error, nothing that ['runs']"),
    ("model is no alias", "model: sonnet", "model: Sonnet", "model: Input should be 'sonnet'"),
    ("color is none of the eight", "color: green", "color: teal", "color: Input should be 'red'"),
    ("the role is another", "a senior backend", "a junior backend", "body: opens with"),
    ("a heading is reworded", "### Error Handling", "### Errors", "body: headings differ in ['### Error Handling', "),
    ("a heading stands twice", "### API", "### API Design\nx\n### API", "body: headings differ in number or order"),
    ("the last section is empty", LAST_SECTION, "", "body: nothing stands under {'## How You"),
    ("the body is too long", LAST_SECTION, 9000 * "x", "body: 1"),
    ("the body relies on a retired tool", "## How You Report\n", "## How You Report\nUse LS.\n", "body: relies on"),
]


@pytest.mark.parametrize(("has", "instead", "refusal"), [pytest.param(*case[1:], id=case[0]) for case in BROKEN])
def test_a_file_is_refused_for_its_one_fault_when(has, instead, refusal):
    assert has in TEXT, "the shipped file no longer has what this case breaks"
    [found] = problems(TEXT.replace(has, instead, 1).encode("utf-8", "surrogateescape"))
    assert found.startswith(refusal) and "; " in found
