"""Opens a dispute and uploads a file as its evidence.

LEADHOUSE_API_KEY=lh_live_… LEADHOUSE_BASE_URL=http://127.0.0.1:8080 python upload_evidence.py photo.png
"""

import sys
from pathlib import Path

from leadhouse import Leadhouse, UploadError


def main(path: Path) -> int:
    """Uploads the file."""
    content = path.read_bytes()  # before the dispute is opened: the path may be wrong
    with Leadhouse() as lh:
        dispute = lh.disputes.create(reason="NOT_AS_DESCRIBED", amount_cents=15_000, currency="EUR")
        try:
            evidence = lh.evidence.upload(
                content, name=path.name, category="PHOTO", dispute_id=dispute.id, title="Before the repair"
            )
        except UploadError as error:
            print(f"not uploaded: {error}", file=sys.stderr)
            return 1
        print(f"{evidence.status} {evidence.sha256}")
        print(evidence.file_url)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
