"""What the agent file must be, so that every Claude Code client since 1.0.60 loads it, and loads it as it is meant.

A client drops or bends a faulty file without a word, so each rule stands for a way in which an agent is not picked up,
measured on clients 1.0.60 to 2.1.332. The fields: https://code.claude.com/docs/en/sub-agents
"""

import re
import unicodedata
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, ValidationError, ValidationInfo
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

AGENT = Path(__file__).parents[1] / ".claude" / "agents" / "backend-engineer.md"
TEXT = AGENT.read_text(encoding="utf-8", errors="replace")  # whatever is wrong with it is for a test to say

# The role. Who makes another agent of the file changes AGENT and these three, and ASKED_FOR in test_frontmatter.py.
ROLE = "You are a senior backend engineer specializing in FastAPI and Python."
HEADINGS = [
    *("## Your Mission", "## How You Work", "## Core Expertise", "## Architecture Principles", "### API Design"),
    *("### Security Implementation", "### Service Architecture", "### Data Validation"),
    *("### Performance Considerations", "### Error Handling", "## Quality Standards", "## Testing Requirements"),
    "## How You Report",
]
NEEDED = {"read": {"Read"}, "write": {"Write", "Edit"}, "run": {"Bash", "PowerShell"}}  # one of each set

# Tools that Claude Code has or had, each with the last client that had it (read off the tools that the clients grant).
TOOLS = dict.fromkeys(["Read", "Write", "Edit", "NotebookEdit", "Grep", "Glob", "Bash", "PowerShell", "Skill"])
TOOLS |= {"WebFetch": None, "WebSearch": None, "LS": (1, 0, 96), "MultiEdit": (1, 0, 128)}
SEARCHES = {"Grep", "Glob"}  # withheld beside Bash, whose shell has the search programs, since 2.1.162; not on Windows
# All tools of an MCP server, or one of them, or those that a pattern names.
MCP_TOOLS = re.compile(r"mcp__[A-Za-z0-9-]+(_[A-Za-z0-9-]+)*(__([\w-]*[A-Za-z0-9]|\*))?")
RESTRICTED = re.compile(r"(\w+)\([^)]*\)?")  # as in Bash(git:*)
# One plain line a field: clients up to 2.0.76 take a block scalar literally and a list of tools for none.
FIELD_LINE = re.compile(r"([\w-]+): ([A-Za-z0-9](?:.*\S)?)")
# ": " or a colon at the end drops the agent in 2.0.77 to 2.1.68 or still, " #" cuts the text, "---" ends the
# frontmatter and lifts the limit on tools, a written "\n" becomes a line break.
UNSAFE = re.compile(r": |:$| #|---|\\n|\t")
BULLET = re.compile(r"^ *(?:-|\d+\.) .+$", flags=re.MULTILINE)  # "- rule" or "1. step"
HEADING = re.compile(r"^(#+ .+)$", flags=re.MULTILINE)


def named_like_the_file(name: str, info: ValidationInfo) -> str:
    if name != info.context["stem"]:
        raise ValueError(f"differs from the file name {info.context['stem']!r}")
    return name


def known_once_and_enough(tools: str) -> str:
    if (rule := RESTRICTED.search(tools)) and rule[1] in TOOLS:
        raise ValueError(f"{rule[0]} grants all of {rule[1]}, whatever stands in the brackets")
    names = tools.split(", ")
    if unknown := [name for name in names if name not in TOOLS and not MCP_TOOLS.fullmatch(name)]:
        raise ValueError(f"{unknown} are neither in TOOLS nor of an MCP server")
    if len(set(names)) < len(names):
        raise ValueError("a tool stands twice")
    if missing := [ability for ability, able in NEEDED.items() if able.isdisjoint(names)]:
        raise ValueError(f"nothing to {missing} with in the newest client")
    return tools


class Frontmatter(BaseModel, strict=True):
    """The five fields; the description of each is the mend that its refusal names."""

    name: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
            description="use the file's name without '.md', lower-case words joined by hyphens",
        ),
        AfterValidator(named_like_the_file),
    ]
    description: str = Field(
        pattern=r"^Use this agent (for|when) \S",
        min_length=40,
        max_length=300,  # each session of each user pays for it
        description="say when to use the agent, 'Use this agent for ...', in 40 to 300 characters",
    )
    tools: Annotated[str, AfterValidator(known_once_and_enough)] = Field(
        description="write 'Read, Write, Bash', in exact case and each once; see TOOLS and NEEDED in agent_file.py"
    )
    model: Literal["sonnet", "opus", "haiku", "inherit"] = Field(
        description="use an alias; clients before 2.1.74 take no full model id"
    )
    color: Literal["red", "blue", "green", "yellow", "purple", "orange", "pink", "cyan"] = Field(
        description="use one of the eight colours; clients ignore any other"
    )


def split(raw: bytes) -> tuple[str, str]:
    """Frontmatter and body of an agent file's bytes; ValueError, 'file: what; mend', where a client would find none."""
    try:
        text = raw.decode("utf-8").replace("\r\n", "\n")  # every client takes a Windows checkout's line ends
    except UnicodeDecodeError as error:
        raise ValueError(f"file: not UTF-8 at byte {error.start}; save as UTF-8") from error
    for character in sorted(set(text) - set(" \t\n")):
        if unicodedata.category(character)[0] in "CZ":  # controls, marks without width, other spaces and line ends
            raise ValueError(f"file: has U+{ord(character):04X}, which nobody sees; remove it (line ends: LF or CRLF)")
    if not text.startswith("---\n"):
        raise ValueError("file: '---' is not the first line from the first byte on; remove what stands before it")
    block, closed, body = f"{text[4:]}\n".partition("\n---\n")
    if not closed:
        raise ValueError("file: the frontmatter is not closed; put '---' alone on the line after the fields")
    return block, body.strip()


def parse(raw: bytes) -> tuple[dict[str, object], str]:
    """The fields and the body of an agent file, as every client reads them.

    Raises ValueError, 'field: what; mend', where a client would read them otherwise or not at all.
    """
    block, body = split(raw)
    for number, line in enumerate(block.split("\n"), start=2):
        if not (field := FIELD_LINE.fullmatch(line)):
            name = line.split(":")[0].strip() if ":" in line else "file"
            mend = "write 'field: text' on one line, no quotes, no list, no space around"
            raise ValueError(f"{name}: line {number} is {line[:60]!r}; {mend}")
        if field[1] not in Frontmatter.model_fields:
            mend = "correct its spelling and case, or add it to Frontmatter if clients have it"
            raise ValueError(f"{field[1]}: none of {list(Frontmatter.model_fields)}; {mend}")
        if unsafe := UNSAFE.search(field[2]):
            raise ValueError(f"{field[1]}: has {unsafe[0]!r} in its text, which clients misread; reword it")
    try:
        return YAML(typ="safe", pure=True).load(block), body
    except YAMLError as error:
        raise ValueError(f"file: {getattr(error, 'problem', error)}; keep each field once") from error


def problems(raw: bytes, file_name: str = AGENT.name) -> list[str]:
    """All that is wrong with an agent file of these bytes and this name, as 'field: what; mend'; [] for a good one.

    A fault that hides what follows it (no frontmatter, a line that is no field, a bad value) is reported alone.
    """
    if not file_name.endswith(".md"):
        return [f"file: no client looks at {file_name!r}; let the name end in a lower-case '.md'"]
    try:
        fields, body = parse(raw)
        Frontmatter.model_validate(fields, context={"stem": file_name.removesuffix(".md")})
    except ValidationError as error:
        mends = {name: field.description for name, field in Frontmatter.model_fields.items()}
        return [f"{e['loc'][0]}: {e['msg']}; {mends[e['loc'][0]]}" for e in error.errors()]
    except ValueError as error:
        return [str(error)]
    return [f"body: {fault}" for fault in body_faults(body, set(fields["tools"].split(", ")))]


def body_faults(body: str, tools: set[str]) -> list[str]:
    """What is wrong with the body of an agent that has these tools, as 'what; mend'."""
    before, *rest = HEADING.split(body)
    headings, texts = rest[::2], [text.strip() for text in rest[1::2]]
    if not any([before.strip(), *texts]):
        return ["has no text; write the agent's rules below its headings"]
    found = []
    if not body.startswith(ROLE + "\n"):
        found.append(f"opens with {body[:60]!r}; open with ROLE, {ROLE!r}")
    if headings != HEADINGS:
        odd = sorted(set(headings) ^ set(HEADINGS)) or "number or order"
        found.append(f"headings differ in {odd}; keep those of HEADINGS, each once and in their order")
    levels = [heading.split()[0] for heading in headings] + ["#"]
    # A section may hold deeper ones alone: "##" < "###".
    if empty := [h for h, text, level, nxt in zip(headings, texts, levels, levels[1:]) if not text and nxt <= level]:
        found.append(f"nothing stands under {empty}; write the rules or drop the section")
    if len(body) > 9000:
        found.append(f"{len(body)} characters, each paid for in each run; cut it to 9000")
    if long := [bullet[:60] for bullet in BULLET.findall(body) if len(bullet) > 330]:
        found.append(f"bullets of over 330 characters: {long}; say one rule in each")
    withheld = {name for name, last in TOOLS.items() if last} | (SEARCHES if "Bash" in tools else set())
    if named := sorted(withheld & set(re.findall(r"\w+", body))):
        found.append(f"names {named}, which current clients withhold beside these tools; name the work, not the tool")
    return found
