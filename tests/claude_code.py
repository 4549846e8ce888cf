"""Drive the real Claude Code client offline, with a stub on 127.0.0.1 in the place of the model.

Only the far end of the network is a stub: the client is the program that its users run, headless, in a home folder
of its own. Sources: https://code.claude.com/docs/en/cli-reference (options), https://code.claude.com/docs/en/settings
(environment) and https://docs.claude.com/en/api/messages-streaming (the answers); tried on 2.0.76 to 2.1.332.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import claude_agent_sdk
from agent_file import AGENT
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

HELLO, TASK = "Good morning.", "Add a health endpoint."  # what the user says, and what the agent is then asked for
MISDESCRIBED = {  # agents that clients drop for what stands in their description
    "ends-in-a-colon": "Use this agent for:",
    "begins-with-a-quote": '"Use this agent" for APIs',
    "begins-with-a-dash": "- Use this agent for APIs",
    "begins-with-a-hash": "# Use this agent for APIs",
    "has-a-second-line": "Use this agent for APIs\nand services",
}
Block = dict[str, object]
Answer = Callable[[dict], Block | list[Block]]


def client_path() -> str:
    """The client to run: the program in the variable CLAUDE_CLI, else the one that claude-agent-sdk carries.

    Raises FileNotFoundError where there is no such program (the SDK's packages for some platforms carry none).
    """
    bundled = Path(claude_agent_sdk.__file__).parent / "_bundled" / ("claude.exe" if os.name == "nt" else "claude")
    wanted = os.environ.get("CLAUDE_CLI") or str(bundled)
    if not (found := shutil.which(wanted)):
        raise FileNotFoundError(f"no Claude Code client at {wanted}; set CLAUDE_CLI to the path of one")
    return str(Path(found).absolute())  # each run has a working directory of its own


def offline_environment(home: Path, stub_url: str) -> dict[str, str]:
    """All variables of a client that lives in `home` and reaches nothing but the stub; no other may be handed on."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}  # SYSTEMROOT: Windows
    own = dict.fromkeys(["HOME", "USERPROFILE", "TMPDIR", "TEMP"], str(home)) | {"ANTHROPIC_API_KEY": "dummy"}
    # As its proxy, the stub also gets, and refuses, whatever the client would say to another host.
    network = dict.fromkeys(["ANTHROPIC_BASE_URL", "HTTP_PROXY", "HTTPS_PROXY"], stub_url) | {"NO_PROXY": "127.0.0.1"}
    quiet = ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "DISABLE_AUTOUPDATER", "DISABLE_ERROR_REPORTING"]
    return kept | own | network | dict.fromkeys([*quiet, "DISABLE_TELEMETRY"], "1")


@dataclass
class Stub:
    """A running stub of the Messages API: where it listens, and the bodies of the requests that it got so far."""

    url: str
    requests: list[dict]


@contextmanager
def stubbed_api(answer: Answer) -> Iterator[Stub]:
    """Serve the Messages API on a free port of 127.0.0.1 for as long as the context lasts.

    `answer` gets the body of a request, one request at a time, and returns a content block or a list of them, as
    `text` and `tool_use` make them. What it raises reaches the client as a status 500.
    """
    requests, numbers = [], count(1)

    def respond(request: Request) -> Response:
        requests.append(body := request.get_json())
        blocks = answer(body)
        return _response(body, blocks if isinstance(blocks, list) else [blocks], next(numbers))

    with HTTPServer(host="127.0.0.1") as server:
        server.expect_request("/v1/messages", method="POST").respond_with_handler(respond)
        yield Stub(server.url_for("").rstrip("/"), requests)


def text(words: str) -> Block:
    """A content block in which the model says something."""
    return {"type": "text", "text": words}


def tool_use(name: str, **arguments: object) -> Block:
    """A content block in which the model calls a tool of the client."""
    return {"type": "tool_use", "name": name, "input": arguments}


def spawn(task: str) -> Block:
    """The call that gives `task` to the agent. Its tool was Task up to 2.1.62; later clients still take that name."""
    return tool_use("Task", description="task", prompt=task, subagent_type=AGENT.stem)


def done(_: dict) -> Block:
    """The answer of a model that has nothing to do."""
    return text("done")


def scripted(script: dict[str, list[Block | list[Block]]]) -> Answer:
    """A model that reads its answers off: the nth in a conversation is the nth under the words that opened it.

    It answers as `done` at the end of them, in other conversations, and to requests without tools (a title).
    """

    def answer(body: dict) -> Block | list[Block]:
        opening = json.dumps(body["messages"][0])
        turns = next((turns for words, turns in script.items() if words in opening and body.get("tools")), [])
        past = sum(message["role"] == "assistant" for message in body["messages"])
        return turns[past] if past < len(turns) else done(body)

    return answer


@dataclass
class Session:
    """What one run of the client showed: its messages, from `init` to `result`, and its requests to the model."""

    messages: list[dict]
    requests: list[dict]

    @property
    def init(self) -> dict:
        return next(message for message in self.messages if message.get("subtype") == "init")

    @property
    def version(self) -> tuple[int, ...]:
        return tuple(map(int, self.init["claude_code_version"].split(".")))

    @property
    def denied(self) -> list[str]:
        """The tools that it refused to run. Results come more than once if an agent works in the background."""
        results = [message for message in self.messages if message["type"] == "result"]
        return [denial["tool_name"] for result in results for denial in result["permission_denials"]]

    def request_for(self, prompt: str) -> dict:
        """The first request of the conversation that `prompt` opened."""
        return next(r for r in self.requests if r.get("tools") and prompt in json.dumps(r["messages"][0]))

    def listing(self, prompt: str) -> str:
        """What the model is told of the agents in the conversation that `prompt` opened."""
        request = self.request_for(prompt)
        texts = [tool.get("description", "") for tool in request["tools"]]  # here up to 2.1.177, in a message since
        for content in (message["content"] for message in request["messages"]):
            texts += [content] if isinstance(content, str) else [block.get("text", "") for block in content]
        return "\n".join(texts)


def run_offline(
    command: Sequence[str], home: Path, project: Path, answer: Answer = done, **variables: str
) -> tuple[subprocess.CompletedProcess[str], list[dict]]:
    """Run a command in the folder `project`; on its PATH `claude` is the client, and its model is the stub.

    `answer` is that of stubbed_api, `variables` are further ones of its environment. Returns what it printed, whatever
    its exit code, and the requests to the model. Raises FileNotFoundError where there is no client, and TimeoutExpired
    after a minute.
    """
    (programs := home / "bin").mkdir(exist_ok=True)
    if not (claude := programs / "claude").exists():
        claude.symlink_to(client_path())
    with stubbed_api(answer) as stub:
        environment = offline_environment(home, stub.url) | variables
        environment["PATH"] = f"{programs}{os.pathsep}{environment['PATH']}"
        streams = {"stdin": subprocess.DEVNULL, "capture_output": True, "encoding": "utf-8"}
        run = subprocess.run(command, check=False, cwd=project, env=environment, timeout=60, **streams)
    return run, stub.requests


def run_client(
    home: Path, project: Path, prompt: str, options: Sequence[str] = (), answer: Answer = done, **variables: str
) -> Session:
    """Run the client once, headless, with `prompt` and further `options`; the rest is that of run_offline.

    Raises ValueError, with what it printed, if it ends without a result.
    """
    # Not the auto mode that some clients start in: it asks the model whether the delegation is safe.
    mode = [] if "--permission-mode" in options else ["--permission-mode", "default"]
    command = ["claude", "-p", prompt, "--output-format", "stream-json", "--verbose", *mode, *options]
    run, requests = run_offline(command, home, project, answer, **variables)
    messages = [json.loads(line) for line in run.stdout.splitlines()]
    if not messages or messages[-1]["type"] != "result":
        raise ValueError(f"the client gave no result: {run.stdout}{run.stderr}")
    return Session(messages, requests)


def _response(request: dict, content: list[Block], number: int) -> Response:
    """The Messages API's answer number `number`; it and its tool calls have ids that no other has.

    The client takes two messages with one id for one.
    """
    calls = any(block["type"] == "tool_use" for block in content)
    content = [b | {"id": f"toolu_{number}_{i}"} if b["type"] == "tool_use" else b for i, b in enumerate(content)]
    stop = {"stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None}
    whole = {"id": f"msg_{number}", "type": "message", "role": "assistant", "model": request["model"]}
    whole |= stop | {"content": content, "usage": {"input_tokens": 1, "output_tokens": 1}}
    if not request.get("stream"):
        return Response(json.dumps(whole), content_type="application/json")
    events = [{"type": "message_start", "message": whole | {"content": [], "stop_reason": None}}]
    for index, block in enumerate(content):
        events += _block_events(index, block)
    events.append({"type": "message_delta", "delta": stop, "usage": {"output_tokens": 1}})
    events.append({"type": "message_stop"})
    lines = [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events]
    return Response("".join(lines), content_type="text/event-stream")


def _block_events(index: int, block: Block) -> list[dict]:
    """How one content block is streamed: opened empty, filled at once, closed."""
    if block["type"] == "tool_use":
        empty, delta = {"input": {}}, {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
    else:
        empty, delta = {"text": ""}, {"type": "text_delta", "text": block["text"]}
    return [
        {"type": "content_block_start", "index": index, "content_block": block | empty},
        {"type": "content_block_delta", "index": index, "delta": delta},
        {"type": "content_block_stop", "index": index},
    ]


def install(root: Path, place: str, content: bytes = AGENT.read_bytes()) -> dict[str, Path]:
    """A fresh home and a fresh project below `root`, the agent file in one of them: arguments of run_client."""
    agents = root / place / ".claude" / "agents"
    for folder in (root / "home", root / "project", agents):
        folder.mkdir(parents=True, exist_ok=True)
    (agents / AGENT.name).write_bytes(content)
    return {"home": root / "home", "project": root / "project"}
