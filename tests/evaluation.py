"""Run the evals offline: run.py and the client as their user has them, and the answers beside each case as the model.

A case's answers.yaml holds a good answer and a careless one: `edits` (`file`, `new`, and for a file that is there the
`old` text that it replaces) and what the model `says` at the end.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from claude_code import Block, done, run_offline, scripted, text, tool_use
from ruamel.yaml import YAML

EVALS = Path(__file__).parent / "evals"
CASES = sorted(prompt.parent.name for prompt in EVALS.glob("*/prompt.md"))
COMMAND = [sys.executable, EVALS / "run.py"]
RAMBLING = "And so on. " * 70  # over 200 words: no careless answer is short


@dataclass
class Evaluation:
    """What one call of run.py left: what it printed, its exit code, its results, and what the model was asked."""

    printed: str
    code: int
    results: Path
    requests: list[dict]

    def verdicts(self, case: str, arm: str = "with") -> dict[str, bool]:
        """Whether the case's run passed, by grader; an AssertionError has what was printed where there is none."""
        file = self.results / "aggregate-result.json"
        assert file.exists(), self.printed
        cases = {shown["name"]: shown for shown in json.loads(file.read_text(encoding="utf-8"))["cases"]}
        assert case in cases, self.printed
        (run,) = cases[case]["arms"][arm]
        return {grader["name"]: grader["passed"] for grader in run["graders"]}

    def openings(self, arm: str) -> list[dict]:
        """The first request of each conversation of one arm."""
        return [r for r in self.requests if r.get("tools") and len(roles(r, "assistant")) == 0 and arm_of(r) == arm]

    def refused_calls(self) -> list[str]:
        """What the client answered to the tool calls that it didn't carry out."""
        contents = [message["content"] for request in self.requests for message in roles(request, "user")]
        blocks = [block for content in contents if isinstance(content, list) for block in content]
        return [block["content"] for block in blocks if block.get("is_error")]


def roles(request: dict, role: str) -> list[dict]:
    return [message for message in request["messages"] if message["role"] == role]


def tools(request: dict) -> set[str]:
    return {tool["name"] for tool in request["tools"]}


def arm_of(request: dict) -> str:
    """A plain session has a tool to start agents with; the agent, whose tools are listed in its file, has none."""
    return "without" if "Agent" in tools(request) else "with"


def turns(case: str, kind: str) -> list[Block | list[Block]]:
    """An answer of the case, good or careless, as a model gives it: it reads what it edits, edits, and says a word."""
    answer = YAML(typ="safe").load(EVALS / case / "answers.yaml")[kind]
    reads, writes = {}, []
    for edit in answer.get("edits", []):
        if "old" in edit:
            reads[edit["file"]] = tool_use("Read", file_path=edit["file"])
            writes.append(tool_use("Edit", file_path=edit["file"], old_string=edit["old"], new_string=edit["new"]))
        else:
            writes.append(tool_use("Write", file_path=edit["file"], content=edit["new"]))
    words = text(answer["says"] + (RAMBLING if kind == "careless" else ""))
    return [turn for turn in (list(reads.values()), writes, words) if turn]


def evaluate(folder: Path, kind: str, *options: str | Path) -> Evaluation:
    """Run each case once, in `folder`, offline.

    With the agent the model gives the answers of that kind, without it it says "done".
    """
    openings = {case: (EVALS / case / "prompt.md").read_text(encoding="utf-8").splitlines()[0] for case in CASES}
    with_agent = scripted({openings[case]: turns(case, kind) for case in CASES})

    def answer(request: dict) -> Block | list[Block]:
        return with_agent(request) if request.get("tools") and arm_of(request) == "with" else done(request)

    (home := folder / "home").mkdir()
    results = folder / "results"
    command = [*COMMAND, "--runs", "1", "-j", "2", "--output-dir", results, *options]
    run, requests = run_offline(command, home, folder, answer)
    return Evaluation(run.stdout + run.stderr, run.returncode, results, requests)
