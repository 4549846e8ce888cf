"""The shipped file is one that every client loads as it is meant, and each way of breaking it is refused by name."""

import pytest
from agent_file import AGENT, TEXT, parse, problems

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
    assert parse(AGENT.read_bytes())[0] == ASKED_FOR


BODY = TEXT.partition("\n---\n")[2]
LAST_SECTION = BODY.rpartition("## How You Report\n")[2]


def each(field: str, values: list[str], refusal: str) -> list[tuple[str, str, str, str]]:
    """Cases in which the field stands with one of these values instead of its own, and why they are refused."""
    return [(f"{field} is {v!r}", f"{field}: {ASKED_FOR[field]}\n", f"{field}: {v}\n", refusal) for v in values]


BROKEN = [  # what is wrong, what the shipped file has, what stands there instead, how the refusal begins
    *[(f"{k} is left out", f"{k}: {v}\n", "", f"{k}: Field required") for k, v in ASKED_FOR.items()],
    *[case for n, k in enumerate(ASKED_FOR, 2) for case in each(k, ["", "|", "*x", "~"], f"{k}: line {n} is")],
    ("a byte order mark comes first", "---\nname", "\ufeff---\nname", "file: has U+FEFF"),
    ("a blank line comes first", "---\nname", "\n---\nname", "file: '---' is not the first line"),
    ("the frontmatter is not closed", "green\n---\n", "green\n", "file: the frontmatter is not closed"),
    ("the frontmatter is closed by dots", "green\n---\n", "green\n...\n", "file: the frontmatter is not closed"),
    ("a line ends in CR alone", "green\n---\n", "green\r---\n", "file: has U+000D"),
    ("it has a NUL byte", "senior", "se\0nior", "file: has U+0000"),
    ("it is not UTF-8", "senior", "s\udce9nior", "file: not UTF-8"),
    ("a field stands twice", "color: green", "color: green\ncolor: red", "file: found duplicate key"),
    ("a field has no space after its colon", "color: ", "color:", "color: line 6 is"),
    ("a field has a tab after its colon", "color: ", "color:\t", "color: line 6 is"),
    ("a field is indented", "color: ", " color: ", "color: line 6 is"),
    ("a comment is among the fields", "color: ", "# team\ncolor: ", "file: line 6 is"),
    ("there is a sixth field", "color: green", "color: green\nversion: v1", "version: none of"),
    ("a field is misspelt", "color: ", "colour: ", "colour: none of"),
    ("a field has a capital", "tools: ", "Tools: ", "Tools: none of"),
    ("a field has a letter of another alphabet", "name: ", "n\u0430me: ", "n\u0430me: none of"),
    *each("name", ["7", "true", "null"], "name: Input should be a valid string"),
    *each("name", ["Backend-Engineer", "backend engineer", "team:engineer"], "name: String should match"),
    *each("name", ["backend_engineer", "backend--engineer", "backend-"], "name: String should match"),
    *each("name", ["b\u0430ckend-engineer"], "name: String should match"),
    ("name has a space without width", "name: backend-", "name: backend\u200b-", "file: has U+200B"),
    ("name is not the file's", f"name: {AGENT.stem}", "name: backend-expert", "name: Value error, differs"),
    *each("description", ["7", "null", "true"], "description: Input should be a valid string"),
    *each("description", ["Use this agent for APIs"], "description: String should have at least"),
    ("description is too long", "Use this agent for", "Use this agent for " + 300 * "x", "description: String"),
    ("description doesn't say when", "Use this agent for", "An expert in", "description: String should match"),
    ("description goes over two lines", "services. I", "services.\n  I", "file: line 4 is"),
    ("description goes on in an unindented line", "services. I", "services.\nI", "file: line 4 is"),
    ("description is a folded block", "description: ", "description: >-\n  ", "description: line 3 is"),
    ("description has a colon", "Invoke when", "Invoke when: ", "description: has ': '"),
    ("description ends in a colon", "external services.", "external services:", "description: has ':'"),
    ("description has a hash", "FastAPI development", "FastAPI #1 development", "description: has ' #'"),
    ("description has three hyphens", "middleware,", "middleware --- and", "description: has '---'"),
    ("description has a written line break", "services. I", "services.\\nI", r"description: has '\\n'"),
    *[(f"description begins with {c}", "Use this", f"{c}Use this", "description: line 3 is") for c in "\"'\u201c#"],
    *[(f"description begins with {c}", "Use this", f"{c} Use this", "description: line 3 is") for c in "-?#"],
    *each("tools", ["[Read, Write, Bash]", "\n  - Read\n  - Write", "*"], "tools: line 4 is"),
    *each("tools", ["All", "Read Write", "Read; Write; Bash", "Read, Write, bash"], "tools: Value error, ['"),
    *each("tools", ["Read, , Write", "Read, Write, Bash,", "Read, Browser"], "tools: Value error, ['"),
    *each("tools", ["Read, mcp__", "Read, mcp_db", "Read, mcp__db__"], "tools: Value error, ['mcp_"),
    *each("tools", ["Bash(git:*), Read"], "tools: Value error, Bash(git:*) grants all of Bash"),
    *each("tools", ["Read, Write, Bash()"], "tools: Value error, Bash() grants all of Bash"),
    *each("tools", ["Read, Write, Bash, Read"], "tools: Value error, a tool stands twice"),
    *each("tools", ["Read,\u00a0Write, Bash"], "file: has U+00A0"),
    *each("tools", ["Write, Grep, Bash"], "tools: Value error, nothing to ['read']"),
    *each("tools", ["Read, Bash"], "tools: Value error, nothing to ['write']"),
    *each("tools", ["Read, Write"], "tools: Value error, nothing to ['run']"),
    *each("model", ["Sonnet", "claude-sonnet-4-5", "null"], "model: Input should be 'sonnet'"),
    *each("model", ["sonnet ", "!!str sonnet", "&m sonnet", "'sonnet'"], "model: line 5 is"),
    *each("color", ["teal", "Green", "null"], "color: Input should be 'red'"),
    ("the role is another", "a senior backend", "a junior backend", "body: opens with"),
    ("a heading is reworded", "### Error Handling", "### Errors", "body: headings differ in ['### Error Handling', "),
    ("a heading stands twice", "### API", "### API Design\nx\n### API", "body: headings differ in number or order"),
    ("the last section is empty", LAST_SECTION, "", "body: nothing stands under ['## How You"),
    ("the body is empty", BODY, "", "body: has no text"),
    ("the body is nothing but headings", BODY, "## Your Mission\n## How You Work\n", "body: has no text"),
    ("a bullet is too long", LAST_SECTION, "- " + 329 * "x", "body: bullets of over 330"),
    ("the body is too long", LAST_SECTION, 9000 * "x", "body: 1"),
    ("the body relies on a retired tool", LAST_SECTION, "Use LS.", "body: names ['LS']"),
    ("the body relies on a withheld tool", LAST_SECTION, "Use Grep.", "body: names ['Grep']"),
]


@pytest.mark.parametrize(("has", "instead", "refusal"), [pytest.param(*case[1:], id=case[0]) for case in BROKEN])
def test_a_file_is_refused_for_its_one_fault_when(has, instead, refusal):
    assert has in TEXT, "the shipped file no longer has what this case breaks"
    [found] = problems(TEXT.replace(has, instead, 1).encode("utf-8", "surrogateescape"))
    assert found.startswith(refusal) and "; " in found


@pytest.mark.parametrize("file_name", ["backend-engineer.MD", "backend-engineer.md.txt", "backend-engineer"])
def test_a_file_is_refused_by_a_name_that_no_client_looks_at(file_name):
    [found] = problems(AGENT.read_bytes(), file_name)
    assert found.startswith(f"file: no client looks at '{file_name}'; let the name end in")


@pytest.mark.parametrize("tool", ["PowerShell", "Skill", "mcp__github", "mcp__my_db__query", "mcp__github__*"])
def test_a_tool_that_some_client_has_may_be_added(tool):
    assert problems(TEXT.replace("WebSearch", f"WebSearch, {tool}", 1).encode()) == []


def test_a_copy_under_another_name_is_as_good():
    assert problems(TEXT.replace(f"name: {AGENT.stem}", "name: api-engineer-2", 1).encode(), "api-engineer-2.md") == []
