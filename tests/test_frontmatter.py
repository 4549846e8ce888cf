"""The agent file is one that every Claude Code client since 1.0.60 loads, and loads as it is meant.

A client drops or bends a faulty file without a word, so each rule stands for a way in which an agent is not picked up,
measured on clients 1.0.60 to 2.1.331. The fields: https://code.claude.com/docs/en/sub-agents
"""

import re
from typing import Annotated, Literal

import pytest
from conftest import AGENT, TEXT, TOOLS
from pydantic import AfterValidator, BaseModel, Field, ValidationError, ValidationInfo
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

# What the newest client grants beside Bash: Grep and Glob are withheld then, so they don't count as reading.
ABILITIES = {"reads": {"Read"}, "writes": {"Write", "Edit"}, "runs": {"Bash"}}
# One plain line a field: clients up to 2.0.76 take a block scalar literally and a list of tools for none.
FIELD_LINE = re.compile(r"([\w-]+): ([A-Za-z0-9].*)")
# ": " drops the agent in 2.0.77 to 2.1.68, " #" cuts the text, "---" ends the frontmatter and lifts the limit on tools.
UNSAFE = re.compile(r": | #|---")
ROLE = "You are a senior backend engineer specializing in FastAPI and Python."
ASKED_FOR = {  # the counter-examples below break these values
    "name": "backend-engineer",
    "description": "Use this agent for FastAPI development, API design, authentication, middleware, and backend services. "
    "Invoke when building REST APIs, implementing business logic, handling file uploads, or integrating external services.",
    "tools": "Read, Write, Edit, MultiEdit, Grep, LS, Bash, WebSearch",
    "model": "sonnet",
    "color": "green",
}
HEADINGS = [
    *("## Your Mission", "## How You Work", "## Core Expertise", "## Architecture Principles", "### API Design"),
    *("### Security Implementation", "### Service Architecture", "### Data Validation"),
    *("### Performance Considerations", "### Error Handling", "## Quality Standards", "## Testing Requirements"),
    "## How You Report",
]


def named_like_the_file(name: str, info: ValidationInfo) -> str:
    if name != info.context["stem"]:
        raise ValueError(f"differs from the file name {info.context['stem']!r}")
    return name


def known_once_and_enough(tools: str) -> str:
    names = tools.split(", ")
    if unknown := [name for name in names if name not in TOOLS]:
        raise ValueError(f"{unknown} are no tools of any client")
    if len(set(names)) < len(names):
        raise ValueError("a tool stands twice")
    if missing := [ability for ability, able in ABILITIES.items() if able.isdisjoint(names)]:
        raise ValueError(f"nothing that {missing} in the newest client")
    return tools


class Frontmatter(BaseModel, extra="forbid", strict=True):
    """The five fields; the description of each is the mend that its refusal names."""

    name: Annotated[
        str,
        Field(pattern=r"^[a-z]+(-[a-z]+)*$", description="use the file's stem, lower-case words joined by hyphens"),
        AfterValidator(named_like_the_file),
    ]
    description: str = Field(
        pattern=r"^Use this agent (for|when) \S",
        min_length=40,
        max_length=300,  # each session of each user pays for it
        description="say when to use the agent, 'Use this agent for ...', in 40 to 300 characters",
    )
    tools: Annotated[str, AfterValidator(known_once_and_enough)] = Field(
        description="list Claude Code's tools in exact case and once each, 'Read, Write, Bash'"
    )
    model: Literal["sonnet", "opus", "haiku", "inherit"] = Field(description="use an alias that every client resolves")
    color: Literal["red", "blue", "green", "yellow", "purple", "orange", "pink", "cyan"] = Field(
        description="use one of the eight colours"
    )


def split(raw: bytes) -> tuple[str, str]:
    """Frontmatter and body of an agent file's bytes; a ValueError says why the client would find none."""
    try:
        text = raw.decode("utf-8").replace("\r\n", "\n")  # every client takes a Windows checkout's line ends
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}; save as UTF-8") from error
    if not text.startswith("---\n"):
        raise ValueError("'---' is not the first line from the first byte on; remove what stands before it")
    block, closed, body = text[4:].partition("\n---\n")
    if not closed:
        raise ValueError("the frontmatter is not closed; put '---' alone on the line after the fields")
    return block, body


def problems(raw: bytes) -> list[str]:
    """All that is wrong with the bytes of an agent file, as 'field: what; mend'; empty for a good one."""
    try:
        block, body = split(raw)
        for number, line in enumerate(block.split("\n"), start=2):
            if not (field := FIELD_LINE.fullmatch(line)):
                name = line.split(":")[0].strip() if ":" in line else "file"
                return [f"{name}: line {number} is {line[:60]!r}; write 'field: text' on one line, no quotes, no list"]
            if unsafe := UNSAFE.search(field[2]):
                return [f"{field[1]}: has {unsafe[0]!r} in its text, which clients misread; reword it"]
        Frontmatter.model_validate(YAML(typ="safe", pure=True).load(block), context={"stem": AGENT.stem})
    except ValidationError as error:
        mends = {name: field.description for name, field in Frontmatter.model_fields.items()}
        found = [(e["loc"][0], e["msg"]) for e in error.errors()]
        return [f"{name}: {what}; {mends.get(name, 'drop it, five fields are allowed')}" for name, what in found]
    except YAMLError as error:
        return [f"file: {getattr(error, 'problem', error)}; keep each field once, as plain text"]
    except ValueError as error:
        return [f"file: {error}"]
    return [f"body: {fault}" for fault in body_faults(body.strip())]


def body_faults(body: str) -> list[str]:
    found = []
    headings = re.findall(r"^#+ .+", body, flags=re.MULTILINE)
    empty = set(re.findall(r"^(#+ .+)(?=\s*^#|\s*\Z)", body, flags=re.MULTILINE)) - {"## Architecture Principles"}
    if not body.startswith(ROLE + "\n"):
        found.append(f"opens with {body[:60]!r}; open with {ROLE!r}")
    if headings != HEADINGS:
        odd = sorted(set(headings) ^ set(HEADINGS)) or "number or order"
        found.append(f"headings differ in {odd}; keep those of HEADINGS, each once and in their order")
    if empty:
        found.append(f"nothing stands under {empty}; write the rules or drop the section")
    if len(body) > 9000:
        found.append(f"{len(body)} characters, each paid for in each run; cut it to 9000")
    if re.search(r"\b(MultiEdit|LS|Grep)\b", body):
        found.append("relies on MultiEdit, LS or Grep, which current clients withhold; name the work, not the tool")
    return found


def test_the_shipped_file_is_one_that_every_client_loads_as_meant():
    assert problems(AGENT.read_bytes()) == []


def test_the_shipped_file_has_the_values_that_were_asked_for():
    assert YAML(typ="safe", pure=True).load(split(AGENT.read_bytes())[0]) == ASKED_FOR


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
