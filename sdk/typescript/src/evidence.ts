import { attempt, type CompleteResponse } from "./attempt.js";
import { ConfigurationError, ConnectionError, UploadError } from "./errors.js";
import { EvidenceApi } from "./generated/native-client.js";
import type { CreateEvidenceBody, Evidence, FileType } from "./generated/native-types.js";
import { atLeastZero, type RequestOptions, type Settings } from "./options.js";
import { type PageForm, Resource } from "./resource.js";
import { isRetryable, parseRetryAfter, retryDelay, wait } from "./retry.js";
import { randomUuid, subtleCrypto, toHex } from "./webcrypto.js";

/** Time limit of one upload in milliseconds: the largest file, 20 MB, over 2 Mbit/s. */
const UPLOAD_TIMEOUT = 120_000;
/** Default time that an uploaded file is waited for, in milliseconds. Hashing usually takes a second. */
const DEFAULT_WAIT_TIMEOUT = 60_000;
/** Time between two looks at the evidence, in milliseconds. */
const POLL_INTERVAL = 500;
/** Rounds of declaring and uploading: a link that has expired on the way is renewed once. */
const MAX_ROUNDS = 2;
/** Longest part of the storage's response that an error quotes, in characters. */
const MAX_QUOTED = 200;

const TYPE_OF_EXTENSION: Record<string, FileType> = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  pdf: "application/pdf",
  txt: "text/plain",
  mp3: "audio/mpeg",
  m4a: "audio/mp4",
  ogg: "audio/ogg",
  wav: "audio/wav",
};

/** Evidence with its file. */
export interface EvidenceUpload extends Omit<CreateEvidenceBody, "file"> {
  /** The file: a `File` or `Blob`, or its bytes, such as the `Buffer` of `fs.readFileSync`. */
  file: Blob | Uint8Array | ArrayBuffer;
  /** Media type; if absent, that of the `Blob`, or of the name's extension. */
  contentType?: FileType;
  /** Name, for people; if absent, that of the `File`. */
  name?: string;
}

/** Options of an upload. */
export interface UploadOptions extends RequestOptions {
  /** Milliseconds to wait until the file is `READY` (60,000). */
  waitTimeout?: number;
}

/** A file that is ready to be declared. */
interface Declared {
  bytes: Uint8Array;
  declaration: NonNullable<CreateEvidenceBody["file"]>;
}

async function declare({ file, contentType, name }: EvidenceUpload): Promise<Declared> {
  if (!(file instanceof Blob || file instanceof ArrayBuffer || ArrayBuffer.isView(file))) {
    throw new ConfigurationError("file must be a File, a Blob or its bytes, such as the Buffer of fs.readFileSync.");
  }
  const buffer = file instanceof Blob ? await file.arrayBuffer() : file;
  const bytes = buffer instanceof ArrayBuffer ? new Uint8Array(buffer) : buffer;
  const fileName = name ?? (file as { name?: string }).name;
  const ofName = TYPE_OF_EXTENSION[fileName?.split(".").at(-1)?.toLowerCase() ?? ""];
  const type = contentType ?? (((file as { type?: string }).type || ofName) as FileType | undefined);
  if (type === undefined) throw new ConfigurationError("The type of the file is unknown: pass contentType, such as image/png.");
  const subtle = await subtleCrypto();
  const sha256 = toHex(new Uint8Array(await subtle.digest("SHA-256", bytes as BufferSource)));
  return {
    bytes,
    declaration: { contentType: type, size: bytes.length, sha256, ...(fileName !== undefined && { name: fileName }) },
  };
}

/** Sends the file to its link. A repetition is harmless: the link accepts one file, which is declared by its hash. */
async function put(
  settings: Settings,
  evidence: Evidence,
  bytes: Uint8Array,
  { signal, ...options }: UploadOptions,
): Promise<CompleteResponse> {
  const headers = { ...evidence.uploadHeaders };
  const request = { method: "PUT", url: evidence.uploadUrl ?? "", headers, body: bytes as BodyInit };
  const maxRetries = atLeastZero("maxRetries", options.maxRetries, settings.maxRetries);
  const timeout = atLeastZero("timeout", options.timeout, UPLOAD_TIMEOUT);
  for (let number = 1; ; number += 1) {
    let outcome: CompleteResponse | ConnectionError;
    let retryAfter: number | null = null;
    try {
      outcome = await attempt(settings.fetch, request, timeout, signal);
      retryAfter = parseRetryAfter(outcome.headers.get("retry-after"), Date.now());
      if (!isRetryable(outcome.status, retryAfter)) return outcome;
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      outcome = error;
    }
    const delay = number > maxRetries ? null : retryDelay(number, retryAfter, settings, Math.random());
    if (delay === null) {
      if (outcome instanceof ConnectionError) throw outcome;
      return outcome;
    }
    await wait(delay, signal);
  }
}

function isExpired({ uploadExpiresAt }: Evidence): boolean {
  return uploadExpiresAt !== undefined && Date.parse(uploadExpiresAt) <= Date.now();
}

/** Evidence of disputes, with its files. */
export class EvidenceWithFilesApi extends EvidenceApi {
  constructor(settings: Settings, pageForm: PageForm) {
    super(settings, pageForm);
  }

  /**
   * Creates evidence, uploads its file, and waits until the file is `READY`.
   *
   * Type, size and SHA-256 are declared first; then the file goes to a link that needs no API key. Both steps are
   * repeated after a failed connection without creating anything twice. Throws an `UploadError`, which has the evidence,
   * if the file is not accepted.
   *
   * @example
   * ```ts
   * const file = readFileSync("photo.png");
   * const evidence = await leadhouse.evidence.upload({ category: "PHOTO", disputeId, file, name: "photo.png" });
   * ```
   */
  async upload(upload: EvidenceUpload, options: UploadOptions = {}): Promise<Evidence> {
    const { file: _file, contentType: _contentType, name: _name, ...fields } = upload;
    const { bytes, declaration } = await declare(upload);
    const idempotencyKey = options.idempotencyKey ?? (await randomUuid());
    const { signal, maxRetries, timeout } = options;
    const requestOptions = {
      ...(signal && { signal }), ...(maxRetries !== undefined && { maxRetries }), ...(timeout !== undefined && { timeout }),
    };
    const settings = Resource.settingsOf(this);
    for (let round = 1; ; round += 1) {
      const evidence = await this.create({ ...fields, file: declaration }, { ...options, idempotencyKey });
      // The first response is replayed for a repeated call, also when the file has arrived since.
      if (evidence.uploadUrl === undefined) return this.#untilReady(evidence, options, requestOptions);
      const { status, text } = await put(settings, evidence, bytes, options);
      // 412: a file is there already, because the response to an earlier attempt was lost.
      const hasArrived = (status >= 200 && status < 300) || status === 412;
      if (hasArrived) return this.#untilReady(evidence, options, requestOptions);
      if (round < MAX_ROUNDS && isExpired(evidence)) continue;
      const current = await this.get(evidence.id, requestOptions);
      if (current.status === "READY") return current;
      const quoted = text.replace(/\s+/g, " ").slice(0, MAX_QUOTED);
      throw new UploadError(`The file was not accepted (status ${status}): ${quoted}`, current, status);
    }
  }

  async #untilReady(created: Evidence, { waitTimeout = DEFAULT_WAIT_TIMEOUT }: UploadOptions, options: RequestOptions): Promise<Evidence> {
    const end = Date.now() + waitTimeout;
    for (;;) {
      const evidence = await this.get(created.id, options);
      if (evidence.status === "READY") return evidence;
      if (evidence.status === "EXPIRED") {
        throw new UploadError("No file arrived in time: create new evidence to upload the file.", evidence, null);
      }
      if (Date.now() + POLL_INTERVAL > end) {
        throw new UploadError(
          `The file was uploaded but is not READY after ${waitTimeout} ms: get the evidence again later.`, evidence, null,
        );
      }
      await wait(POLL_INTERVAL, options.signal);
    }
  }
}
