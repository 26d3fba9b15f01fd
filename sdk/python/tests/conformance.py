"""The cases of `sdk/conformance/cases.json`, and what is common to running them with both clients."""

from __future__ import annotations

import json
import subprocess
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codegen.names import operation_name, snake
from codegen.operations import Method, methods
from codegen.schema import Document, Inputs
from leadhouse import ApiError, LeadhouseError, Model
from leadhouse.errors import ApiConnectionError, ApiTimeoutError, PermissionDeniedError, UploadError

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "sdk" / "conformance"
Case = dict[str, Any]
DOCUMENTS = {
    "native": Document(ROOT / "openapi" / "native.json"),
    "revenueDefenders": Document(ROOT / "openapi" / "revenue-defenders.json"),
}
# Classes whose name would hide one of Python's own.
CLASS_NAMES = {
    "ConnectionError": ApiConnectionError.__name__,
    "TimeoutError": ApiTimeoutError.__name__,
    "PermissionError": PermissionDeniedError.__name__,
}
TABLE: dict[str, Any] = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))


def cases(kind: str) -> list[Case]:
    """Returns the cases of a kind."""
    return [case for case in TABLE["cases"] if case["kind"] == kind]


def _methods(contract: str) -> dict[tuple[str, str], Method]:
    document = DOCUMENTS[contract]
    return {(method.http_method, method.path): method for method in methods(document, Inputs(document))}


METHODS = {contract: _methods(contract) for contract in DOCUMENTS}


@dataclass(frozen=True)
class Server:
    """The server that plays the cases."""

    origin: str
    run: str

    def base_url(self, case: Case) -> str:
        """Returns the base URL for a case."""
        return f"{self.origin}/play/{self.run}/{case['name']}"

    def problems(self, case: Case) -> list[str]:
        """Returns what was wrong about the requests of a case."""
        url = f"{self.origin}/verdict/{self.run}/{case['name']}"
        with urllib.request.urlopen(url) as response:
            verdict = json.load(response)
        problems: list[str] = verdict["problems"]
        return problems


@contextmanager
def running_server() -> Iterator[Server]:
    """Runs the server."""
    command = ["node", str(FOLDER / "server.mjs")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        origin = json.loads(process.stdout.readline())["origin"]
        try:
            yield Server(origin, f"python-{uuid.uuid4()}")
        finally:
            process.terminate()


def client_options(case: Case) -> dict[str, Any]:
    """Returns the options of the client of a case."""
    given = {**TABLE["defaults"]["client"], **case.get("client", {})}
    seconds = {"timeoutMs", "initialRetryDelayMs", "maxRetryDelayMs", "maxRetryAfterMs"}
    options = {"api_key": given["apiKey"], "max_retries": given["maxRetries"]}
    if "headers" in given:
        options["headers"] = given["headers"]
    options |= {snake(name.removesuffix("Ms")): given[name] / 1000 for name in seconds if name in given}
    return options


def contract_of(case: Case) -> str:
    """Returns the contract of a case."""
    contract: str = {**TABLE["defaults"]["client"], **case.get("client", {})}["contract"]
    return contract


@dataclass(frozen=True)
class Invocation:
    """A method of a client with its arguments."""

    resource: str | None
    method: str
    positional: list[Any]
    named: dict[str, Any]

    def bound_to(self, client: Any) -> Any:
        """Calls the method."""
        owner = getattr(client, self.resource) if self.resource else client
        return getattr(owner, self.method)(*self.positional, **self.named)


def invocation(case: Case) -> Invocation:
    """Returns what a case calls, in the terms of Python."""
    call = case["call"]
    options = dict(call.get("options", {}))
    named: dict[str, Any] = {}
    if "idempotencyKey" in options:
        named["idempotency_key"] = options.pop("idempotencyKey")
    if "ifMatch" in options:
        named["if_match"] = options.pop("ifMatch")
    if "inboundSecret" in options:
        named["inbound_secret"] = options.pop("inboundSecret")
    if "pollIntervalMs" in options:
        named["poll_interval"] = options.pop("pollIntervalMs") / 1000
    if options:
        if "timeoutMs" in options:
            options["timeout"] = options.pop("timeoutMs") / 1000
        named["options"] = {snake(name): value for name, value in options.items()}
    if call["operation"] == "uploadEvidence":
        file = call["file"]
        named |= snake_cased(call["body"])
        named |= {"content_type": file["contentType"], "name": file["name"]}
        return Invocation("evidence", "upload", [file["text"].encode()], named)
    resource, method = _name(contract_of(case), call["operation"])
    mode = call.get("mode", "call")
    if mode != "call":
        method = mode + method.removeprefix("list").removeprefix("read")
    named |= snake_cased(call.get("query", {}))
    named |= snake_cased(call.get("body", {}))
    return Invocation(resource, method, [call["id"]] if "id" in call else [], named)


def _name(contract: str, operation_id: str) -> tuple[str | None, str]:
    for path, operations in DOCUMENTS[contract].paths.items():
        if any(one.get("operationId") == operation_id for one in operations.values()):
            return operation_name(operation_id, path)
    raise LookupError(operation_id)


def snake_cased(value: Mapping[str, Any]) -> dict[str, Any]:
    """Returns arguments with their names in Python; the free-form ones keep theirs."""
    return {snake(name): _renamed(name, one) for name, one in value.items()}


def _renamed(name: str, value: Any) -> Any:
    if name in ("attributes", "eventProps"):
        return value
    if isinstance(value, dict):
        return snake_cased(value)
    return [_renamed("", one) for one in value] if isinstance(value, list) else value


def as_json(value: Any) -> Any:
    """Returns a result as JSON has it."""
    return value.to_dict() if hasattr(value, "to_dict") else value


def mismatches(case: Case, outcome: Outcome, base_url: str = "") -> list[str]:
    """Returns the differences between what happened and what the case expects."""
    expected: dict[str, Any] = json.loads(json.dumps(case["expect"]).replace("{{base}}", base_url))
    found: list[str] = []
    if "error" not in expected and outcome.error is not None:
        return [f"raised {outcome.error!r}"]
    if "result" in expected and outcome.result != expected["result"]:
        found.append(f"returned {outcome.result!r}")
    for name in ("items", "pages"):
        if name in expected and outcome.items != expected[name]:
            found.append(f"yielded {outcome.items!r}")
    if "response" in expected:
        found += _response_mismatches(expected["response"], outcome.response)
    if "error" in expected:
        found += _error_mismatches(expected["error"], outcome.error)
    return found


@dataclass
class Outcome:
    """What a call led to."""

    result: Any = None
    items: list[Any] | None = None
    response: Any = None
    error: BaseException | None = None

    @classmethod
    def of(cls, value: Any) -> Outcome:
        """Returns the outcome of a call that returned."""
        response = value.http_response if isinstance(value, Model) or hasattr(value, "http_response") else None
        return cls(result=as_json(value), response=response)


def _response_mismatches(expected: dict[str, Any], response: Any) -> list[str]:
    actual = {
        "status": response.status_code,
        "requestId": response.request_id,
        "replayed": response.is_replay,
        "headers": {name: response.headers.get(name) for name in expected.get("headers", {})},
    }
    return [f"response has {name} {actual[name]!r}" for name, value in expected.items() if actual[name] != value]


def _error_mismatches(expected: dict[str, Any], error: BaseException | None) -> list[str]:
    if not isinstance(error, LeadhouseError):
        return [f"raised {error!r}"]
    actual: dict[str, Any] = {"type": type(error).__name__}
    if isinstance(error, (ApiError, UploadError)):
        actual["status"] = error.status_code
    if isinstance(error, ApiError):
        fields = [{"field": one.field, "message": one.message} for one in error.fields]
        actual |= {"code": error.code, "requestId": error.request_id, "fields": fields}
        actual["retryAfterSeconds"] = error.retry_after
    if isinstance(error, UploadError):
        actual["evidenceId"] = error.evidence.id
    actual["idempotencyKey"] = getattr(error, "idempotency_key", None)
    actual["reason"] = getattr(error, "reason", None)
    found = []
    for name, value in expected.items():
        if name == "messageContains":
            found += [f"text {error} lacks {part}" for part in value if part not in str(error)]
        elif actual.get(name) != CLASS_NAMES.get(value, value) if name == "type" else actual.get(name) != value:
            found.append(f"error has {name} {actual.get(name)!r}")
    return found
