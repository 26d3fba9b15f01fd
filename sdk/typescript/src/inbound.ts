import { ApiPromise } from "./api-promise.js";
import { callOperation } from "./operation.js";
import { InboundApi } from "./generated/native-client.js";
import type { Received, ReportInboundBody } from "./generated/native-types.js";
import type { RequestOptions } from "./options.js";
import { Resource } from "./resource.js";
import { bytesOf, contractKey, hmac } from "./webhooks/signature.js";
import { toHex } from "./webcrypto.js";

/** Options of a report of an inbound message. */
export interface InboundOptions extends RequestOptions {
  /** Inbound secret of the tenant, which signs the report. */
  secret: string;
}

/** Messages of people that a messaging provider received. */
export class SigningInboundApi extends InboundApi {
  /**
   * Reports a reply or an opt-out that a messaging provider received, signed with the inbound secret.
   *
   * Needs the scope `inbound:write`.
   */
  report(body: ReportInboundBody, options: InboundOptions): ApiPromise<Received> {
    const { secret, ...requestOptions } = options;
    const send = async () => {
      // The signature is over the text that the client sends: the JSON of the body.
      const signature = toHex(await hmac(contractKey(secret), bytesOf(JSON.stringify(body))));
      const headers = { "x-signature": `sha256=${signature}` };
      return callOperation(Resource.settingsOf(this), "POST", "/webhooks/inbound", { body, headers }, requestOptions);
    };
    return new ApiPromise<Received>(send());
  }
}
