"""Names in Python for what the OpenAPI documents name."""

import keyword
import re

# Resource (None: the client itself) and method of operations where they do not follow from operationId and path.
OPERATIONS = {
    "getMe": (None, "me"),
    "getHealth": (None, "health"),
    "getOpenApiDocument": (None, "openapi_document"),
    "getKpis": ("analytics", "kpis"),
    "createLeads": ("leads", "create_batch"),
    "listVisitorEvents": ("events", "list"),
    "getEvidenceSummary": ("disputes", "evidence_summary"),
    "createPackage": ("packages", "create"),
    "getPackage": ("packages", "get"),
    "readEventLog": ("event_log", "read"),
    "addExampleEvent": ("event_log", "add_example"),
    "recordVisitorEvent": ("events", "record"),
    "reportInbound": ("inbound", "report"),
    "createInboundSecret": ("inbound", "create_secret"),
    "getEventSample": ("event_types", "sample"),
    "lookUpSuppression": ("suppressions", "look_up"),
    "purgeTestData": ("test_data", "purge"),
    "getLeadSequence": ("leads", "get_sequence"),
    "listLeadMessages": ("leads", "list_messages"),
    "rotateWebhookSecret": ("webhooks", "rotate_secret"),
}
# A page for people, which no program calls, and a redirect for browsers: `packages.get` has the link.
SKIPPED_OPERATIONS = {"getDocumentationPage", "getPackageDocument"}
# Path parameters that are not named after the segment before them.
PATH_PARAMETERS = {"stopSequence": "lead_id", "getEventSample": "event_type"}
# Fields that stay out of the text of an object, because they are secrets or open a file.
SECRET_FIELDS = {"key", "secret", "uploadUrl", "uploadHeaders", "fileUrl", "documentUrl", "license_photo_url"}


def snake(name: str) -> str:
    """Returns a name in snake_case that is not a keyword."""
    text = re.sub(r"[^A-Za-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).lower()
    return text + "_" if keyword.iskeyword(text) else text


def pascal(name: str) -> str:
    """Returns a name in PascalCase."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name))


def singular(word: str) -> str:
    """Returns the singular of a plural of the API."""
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("sses"):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def operation_name(operation_id: str, path: str) -> tuple[str | None, str]:
    """Returns resource and method of an operation, such as `leads` and `get` for `getLead` at `/leads/{id}`."""
    if operation_id in OPERATIONS:
        return OPERATIONS[operation_id]
    resource = snake(path.split("/")[1])
    verb, *rest = snake(operation_id).split("_")
    words = "_".join(rest)
    # `listAuditLog`, `getSequenceTemplate`: the resource says the rest.
    if singular(words) == singular(resource):
        return resource, verb
    for noun in (singular(resource), resource):
        if words.startswith(noun + "_"):
            words = words.removeprefix(noun + "_")
    known = {"update", "create", "delete", "get", "list"}
    return resource, f"{verb}_{words}" if verb in known and path.count("/") > 2 else verb


def path_parameter(operation_id: str, path: str, name: str) -> str:
    """Returns the name of a path parameter: that of the segment before it, such as `lead_id`."""
    if operation_id in PATH_PARAMETERS:
        return PATH_PARAMETERS[operation_id]
    segments = path.split("/")
    before = segments[segments.index("{" + name + "}") - 1]
    return f"{snake(singular(before))}_{snake(name)}"


def list_variants(method: str) -> tuple[str, str]:
    """Returns the methods that iterate over the entries and the pages of what `method` lists."""
    rest = method.removeprefix("list")
    return f"iterate{rest}", f"pages{rest}"
