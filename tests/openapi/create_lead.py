"""Creates leads with the clients that openapi-python-client has generated, and reads one back."""

import os

from native_client import AuthenticatedClient
from native_client.api.leads import create_lead, get_lead
from native_client.models import CreatedLead, CreateLeadBodyType0, Lead
from vendor_pad_client import AuthenticatedClient as VendorPadClient
from vendor_pad_client.api.leads import create_lead as create_enquiry
from vendor_pad_client.models import CreateLeadBody
from vendor_pad_client.models import CreatedLead as CreatedEnquiry

origin = os.environ["LEADHOUSE_URL"]

native = AuthenticatedClient(f"{origin}/v2", os.environ["LEADHOUSE_KEY"])
body = CreateLeadBodyType0.from_dict({"name": "Ada King", "email": "ada@example.com", "category": "PROPERTY_SEARCH"})
lead = create_lead.sync(client=native, body=body)
assert isinstance(lead, CreatedLead), lead
found = get_lead.sync(lead.id, client=native)
assert isinstance(found, Lead) and found.email == "ada@example.com", found
print(f"Python: lead {lead.id} with the score {lead.score.value}")

vendor_pad = VendorPadClient(f"{origin}/api/v1/developer", os.environ["LEADHOUSE_VENDOR_PAD_KEY"])
enquiry = create_enquiry.sync(client=vendor_pad, body=CreateLeadBody(first_name="Noor", email="noor@example.com"))
assert isinstance(enquiry, CreatedEnquiry), enquiry
print(f"Python: lead {enquiry.lead_id} of VendorPad")
