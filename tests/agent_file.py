"""What the agent file must be, so that every Claude Code client since 1.0.60 loads it, and loads it as it is meant.

A client drops or bends a faulty file without a word, so each rule stands for a way in which an agent is not picked up,
measured on clients 1.0.60 to 2.1.332. The fields: https://code.claude.com/docs/en/sub-agents
"""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, ValidationError, ValidationInfo
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

AGENT = Path(__file__).parents[1] / ".claude" / "agents" / "backend-engineer.md"
TEXT = AGENT.read_text(encoding="utf-8", errors="replace")  # whatever is wrong with it is for a test to say
# Tools that Claude Code has or had, each with the last client that had it (read off the tools that the clients grant).
TOOLS = dict.fromkeys(
    ["Read", "Write", "Edit", "NotebookEdit", "Grep", "Glob", "Bash", "WebFetch", "WebSearch", "Skill"]
)
TOOLS |= {"LS": (1, 0, 96), "MultiEdit": (1, 0, 128)}
# What the newest client grants beside Bash: Grep and Glob are withheld then, so they don't count as reading.
ABILITIES = {"reads": {"Read"}, "writes": {"Write", "Edit"}, "runs": {"Bash"}}
# One plain line a field: clients up to 2.0.76 take a block scalar literally and a list of tools for none.
FIELD_LINE = re.compile(r"([\w-]+): ([A-Za-z0-9].*)")
# ": " drops the agent in 2.0.77 to 2.1.68, " #" cuts the text, "---" ends the frontmatter and lifts the limit on tools.
UNSAFE = re.compile(r": | #|---")
ROLE = "You are a senior backend engineer specializing in FastAPI and Python."
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


def fields(raw: bytes) -> dict[str, object]:
    """The fields of an agent file as a client reads them; raises ValueError or YAMLError where it could read none."""
    return YAML(typ="safe", pure=True).load(split(raw)[0])


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
        Frontmatter.model_validate(fields(raw), context={"stem": AGENT.stem})
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
