"""Run the evals of the agent with Claude Code's own `claude plugin eval`, each case with the agent and without.

    python tests/evals/run.py [--agent FILE] [--case GLOB] [--runs N] [--model MODEL] [other options of the command]

The plugin is assembled in a temporary folder: the agent as the session's own, and the cases, each with the fixture as
its workspace. The `claude` on PATH runs it on the user's own login; https://code.claude.com/docs/en/plugin-evals
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from fnmatch import fnmatch
from pathlib import Path

EVALS = Path(__file__).parent
AGENT = EVALS.parents[1] / ".claude" / "agents" / "backend-engineer.md"
OLDEST = (2, 1, 269)  # the first client with `claude plugin eval`
# No Bash: it needs a sandbox, which not every system has. Write and Edit are granted on the command line alone.
EXECUTION = {"max_turns": 60, "timeout_seconds": 1200, "allowed_tools": ["Read", "Grep", "Glob"]}
CASE = {"schema_version": "1.1", "context": {"scaffold_script": "lay_fixture.sh"}, "execution": EXECUTION}
LAY_FIXTURE = 'cp -r "$(dirname "$0")/fixture/." .\n'
CACHES = shutil.ignore_patterns("__pycache__", ".*_cache")


def client() -> str:
    """The path of the `claude` on PATH; exits with a message where there is none, or one that has no evals."""
    path = shutil.which("claude") or sys.exit("There is no `claude` on PATH: https://code.claude.com/docs/en/setup")
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", version)  # 2.1.332 (Claude Code)
    if not numbers or tuple(map(int, numbers.groups())) < OLDEST:
        sys.exit(f"Evals need Claude Code {'.'.join(map(str, OLDEST))} or newer, this is {version.strip() or path}.")
    return path


def cases(glob: str) -> list[Path]:
    """The folders of the cases whose name matches; exits with a message where none does, or one has no graders."""
    found = [prompt.parent for prompt in sorted(EVALS.glob("*/prompt.md")) if fnmatch(prompt.parent.name, glob)]
    if without := [case.name for case in found if not list(case.glob("graders/*.md"))]:
        sys.exit(f"Cases without graders: {', '.join(without)}")
    return found or sys.exit(f"No case in {EVALS} matches {glob!r}.")


def assemble(plugin: Path, agent: Path, chosen: list[Path]) -> None:
    """Write a plugin that is nothing but the agent, as the session's own, and the chosen cases.

    Exits with a message where `agent` is no agent file. An agent of another name than the settings' would be ignored.
    """
    text = agent.read_text(encoding="utf-8") if agent.is_file() else ""
    if not (name := re.search(r"^name: *(\S+)", text, flags=re.MULTILINE)):  # the field in the frontmatter
        sys.exit(f"{agent} is no agent file with a name.")
    manifest = {"name": name[1], "version": "1.0.0", "description": "One agent, as the session's own."}
    files = {".claude-plugin/plugin.json": json.dumps(manifest), "settings.json": json.dumps({"agent": name[1]})}
    files["agents/agent.md"] = text
    for case in chosen:
        folder = plugin / "evals" / case.name
        shutil.copytree(case / "graders", folder / "graders")
        shutil.copytree(EVALS / "graders", folder / "graders", dirs_exist_ok=True)  # those that hold in every case
        shutil.copytree(EVALS / "fixture", folder / "fixture", ignore=CACHES)
        files[f"evals/{case.name}/prompt.md"] = (case / "prompt.md").read_text(encoding="utf-8")
        files[f"evals/{case.name}/case.yaml"] = json.dumps(CASE | {"name": case.name})  # YAML reads JSON
        files[f"evals/{case.name}/lay_fixture.sh"] = LAY_FIXTURE
    for path, content in files.items():
        (plugin / path).parent.mkdir(parents=True, exist_ok=True)
        (plugin / path).write_text(content, encoding="utf-8", newline="\n")


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__, allow_abbrev=False)
    parser.add_argument("--agent", type=Path, default=AGENT)
    parser.add_argument("--case", default="*")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--model", default="sonnet")  # the arm without the agent has to run on the agent's model
    parser.add_argument("--ablation", choices=["with-without", "none"], default="with-without")
    parser.add_argument("--output-dir", type=Path, default=EVALS / "results" / f"{datetime.now():%Y-%m-%d-%H%M%S}")
    own, others = parser.parse_known_args()
    claude, chosen = client(), cases(own.case)
    arms = 1 if own.ablation == "none" else 2
    print(f"{len(chosen) * own.runs * arms} model runs: {len(chosen)} cases, {own.runs} runs, {arms} arms", flush=True)
    with tempfile.TemporaryDirectory(prefix="evals-") as plugin:
        assemble(Path(plugin), own.agent, chosen)
        options = ["--trust-plugin", "--scaffold", "--no-publish", "--output-dir", str(own.output_dir)]
        options += ["--ablation", own.ablation, "--runs", str(own.runs), "--model", own.model]
        command = [claude, "plugin", "eval", plugin, *options, *others, "--allow-tools", "Write", "Edit"]
        code = subprocess.run(command, check=False).returncode
    if own.output_dir.is_dir():
        print(f"Report and results: {own.output_dir}")
    return code


if __name__ == "__main__":
    sys.exit(main())
