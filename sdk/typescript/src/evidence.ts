import { AbortError, ApiError, ConfigurationError, ConnectionError, UploadError } from "./errors.js";
import { EvidenceApi } from "./generated/native-client.js";
import type { CreateEvidenceBody, Evidence, FileType } from "./generated/native-types.js";
import { checkHeaders } from "./headers.js";
import type { RequestOptions, Settings } from "./options.js";
import { Resource } from "./resource.js";
import { wait } from "./retry.js";
import { sendWithRetries } from "./retry-loop.js";
import { randomUuid, subtleCrypto, toHex } from "./webcrypto.js";

/** Time limit of one upload in milliseconds: the largest file, 20 MB, over 2 Mbit/s. */
export const UPLOAD_TIMEOUT = 120_000;
/** Default time that an uploaded file is waited for, in milliseconds. Hashing usually takes a second. */
export const DEFAULT_WAIT_TIMEOUT = 60_000;
/** First time between two requests for the state of the evidence, in milliseconds. Each further one is twice as long. */
const INITIAL_POLL_INTERVAL = 100;
/** Longest time between two requests for the state of the evidence, in milliseconds. */
const MAX_POLL_INTERVAL = 2_000;
/** Route of an upload for the hooks: the link itself holds the evidence's id and a signature. */
const UPLOAD_ROUTE = "{uploadUrl}";
/** Longest part of the storage's response that an error quotes, in characters. */
const MAX_QUOTED = 200;

const TYPE_OF_EXTENSION: ReadonlyMap<string, FileType> = new Map<string, FileType>([
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["png", "image/png"],
  ["webp", "image/webp"],
  ["pdf", "application/pdf"],
  ["txt", "text/plain"],
  ["mp3", "audio/mpeg"],
  ["m4a", "audio/mp4"],
  ["ogg", "audio/ogg"],
  ["wav", "audio/wav"],
]);

/** Evidence with its file. */
export interface EvidenceUpload extends Omit<CreateEvidenceBody, "file"> {
  /** The file: a `File` or `Blob`, or its bytes, such as the `Buffer` of `fs.readFileSync`. */
  file: Blob | Uint8Array | ArrayBuffer;
  /** Media type; if absent, that of the `File` or `Blob`, or of the name's extension. Bytes without a name need it. */
  contentType?: FileType;
  /** Name, for people; if absent, that of the `File`. */
  name?: string;
}

/** Options of an upload. `timeout` also replaces the time limit of sending the file, 120,000. */
export interface UploadOptions extends RequestOptions {
  /** Milliseconds to wait until the file is `READY` (60,000). */
  waitTimeout?: number;
}

/** A file that is ready to be declared. */
interface Declared {
  bytes: Uint8Array;
  sha256: string;
  declaration: NonNullable<CreateEvidenceBody["file"]>;
}

async function declare({ file, contentType, name }: EvidenceUpload): Promise<Declared> {
  if (!(file instanceof Blob || file instanceof ArrayBuffer || ArrayBuffer.isView(file))) {
    throw new ConfigurationError("file must be a File, a Blob or its bytes, such as the Buffer of fs.readFileSync.");
  }
  const buffer = file instanceof Blob ? await file.arrayBuffer() : file;
  const bytes = buffer instanceof ArrayBuffer ? new Uint8Array(buffer) : buffer;
  const fileName = name ?? (file as { name?: string }).name;
  const ofName = TYPE_OF_EXTENSION.get(fileName?.split(".").at(-1)?.toLowerCase() ?? "");
  const type = contentType ?? (((file as { type?: string }).type || ofName) as FileType | undefined);
  if (type === undefined) {
    const accepted = [...new Set(TYPE_OF_EXTENSION.values())].join(", ");
    throw new ConfigurationError(`The type of the file does not follow from its name. Pass contentType, one of ${accepted}.`);
  }
  const subtle = await subtleCrypto();
  const sha256 = toHex(new Uint8Array(await subtle.digest("SHA-256", bytes as BufferSource)));
  return {
    bytes,
    sha256,
    declaration: { contentType: type, size: bytes.length, sha256, ...(fileName !== undefined && { name: fileName }) },
  };
}

/** Reason for which the file storage has not accepted a file. */
interface PutFailure {
  /** HTTP status; `null` if there was no response. */
  status: number | null;
  reason: string;
  cause?: ConnectionError;
}

/** Throws a `ConfigurationError` if the link cannot be sent to, which `fetch` would report like a failed connection. */
function checkLink(link: string): void {
  try {
    if (/^https?:$/.test(new URL(link).protocol)) return;
  } catch {
    // Reported below, without the link: it may hold a signature.
  }
  throw new ConfigurationError("The link for the file is not an http or https URL.");
}

/**
 * Sends the file to its link; returns `null` if it has arrived. A repetition is harmless: the link accepts one file, which
 * is declared by its hash.
 */
async function putFile(settings: Settings, evidence: Evidence, bytes: Uint8Array, options: RequestOptions): Promise<PutFailure | null> {
  const { uploadUrl: url = "", uploadHeaders } = evidence;
  const headers = { ...uploadHeaders };
  checkLink(url);
  checkHeaders(headers);
  const request = { method: "PUT", url, headers, body: bytes as BodyInit, advice: "Check the network." };
  try {
    const { status, text } = await sendWithRetries(settings, UPLOAD_ROUTE, request, { ...options, timeout: options.timeout ?? UPLOAD_TIMEOUT });
    // 412: the file is there already, because the response to an earlier attempt was lost.
    if ((status >= 200 && status < 300) || status === 412) return null;
    const quoted = text.replace(/\s+/g, " ").slice(0, MAX_QUOTED);
    return { status, reason: `The file storage responded with status ${status}: ${quoted}` };
  } catch (error) {
    if (error instanceof ConnectionError) return { status: null, reason: error.message, cause: error };
    throw error;
  }
}

function isExpired({ uploadExpiresAt }: Evidence): boolean {
  return uploadExpiresAt !== undefined && Date.parse(uploadExpiresAt) <= Date.now();
}

/** An upload whose evidence has been created. */
interface Upload {
  evidence: Evidence;
  /** SHA-256 of the file, in hexadecimal. */
  sha256: string;
  idempotencyKey: string;
  waitTimeout: number;
  options: RequestOptions;
}

function uploadError(text: string, { evidence, idempotencyKey }: Upload, failure?: { status?: number | null; cause?: unknown }): UploadError {
  const { status = null, cause } = failure ?? {};
  return new UploadError(text, evidence, idempotencyKey, status, cause === undefined ? undefined : { cause });
}

/** Returns the sentence that says how an upload is continued. */
function howToContinue({ evidence, idempotencyKey }: Upload): string {
  return `Call upload again with the same arguments and the idempotency key ${idempotencyKey}: it continues with evidence ${evidence.id}.`;
}

/** Returns whether the evidence has the file, and not another one. */
function isReady({ evidence, sha256 }: Upload): boolean {
  return evidence.status === "READY" && (evidence.sha256 ?? sha256) === sha256;
}

function putError(failure: PutFailure, upload: Upload): UploadError {
  return uploadError(`The file was not accepted. ${failure.reason} ${howToContinue(upload)}`, upload, failure);
}

/** Evidence of disputes, with its files. */
export class EvidenceWithFilesApi extends EvidenceApi {
  /**
   * Creates evidence, uploads its file, and waits until the file is `READY`.
   *
   * Type, size and SHA-256 are declared first; then the file goes to a link that needs no API key. Both steps are
   * repeated after a failed connection without creating anything twice. If the evidence was created and a later step
   * fails, it throws an `UploadError` with the evidence and the idempotency key under which the upload can be continued.
   *
   * @example
   * ```ts
   * const file = readFileSync("photo.png");
   * const evidence = await leadhouse.evidence.upload({ category: "PHOTO", disputeId, file, name: "photo.png" });
   * ```
   */
  async upload(upload: EvidenceUpload, options: UploadOptions = {}): Promise<Evidence> {
    const { file: _file, contentType: _contentType, name: _name, ...fields } = upload;
    const { waitTimeout = DEFAULT_WAIT_TIMEOUT, idempotencyKey = await randomUuid(), ...requestOptions } = options;
    const { bytes, sha256, declaration } = await declare(upload);
    const create = () => this.create({ ...fields, file: declaration }, { ...requestOptions, idempotencyKey });
    const created: Upload = { evidence: await create(), sha256, idempotencyKey, waitTimeout, options: requestOptions };
    try {
      let failure = await this.#put(created, bytes);
      if (failure !== null && isExpired(created.evidence)) {
        // The response that is replayed for the key has a new link.
        created.evidence = await create();
        failure = await this.#put(created, bytes);
      }
      return failure === null ? await this.#untilReady(created) : await this.#readyDespite(failure, created);
    } catch (error) {
      if (error instanceof AbortError) error.idempotencyKey = idempotencyKey;
      if (error instanceof AbortError || error instanceof UploadError) throw error;
      // A malformed link, too: the caller must learn about the evidence.
      const reason = error instanceof Error ? error.message : String(error);
      throw uploadError(`The upload was interrupted. ${reason} ${howToContinue(created)}`, created, { cause: error });
    }
  }

  async #put({ evidence, options }: Upload, bytes: Uint8Array): Promise<PutFailure | null> {
    // Evidence whose file has arrived before has no link.
    if (evidence.uploadUrl === undefined) return null;
    const { signal, maxRetries, timeout } = options;
    return putFile(Resource.settingsOf(this), evidence, bytes, {
      ...(signal && { signal }), ...(maxRetries !== undefined && { maxRetries }), ...(timeout !== undefined && { timeout }),
    });
  }

  /** Returns the evidence if its file has arrived although the upload failed: its response was lost. */
  async #readyDespite(failure: PutFailure, upload: Upload): Promise<Evidence> {
    try {
      upload.evidence = await this.get(upload.evidence.id, upload.options);
    } catch (error) {
      if (error instanceof ConnectionError || error instanceof ApiError) throw putError(failure, upload);
      throw error;
    }
    if (isReady(upload)) return upload.evidence;
    throw putError(failure, upload);
  }

  async #untilReady(upload: Upload): Promise<Evidence> {
    const { waitTimeout, options } = upload;
    const end = Date.now() + waitTimeout;
    for (let interval = INITIAL_POLL_INTERVAL; ; interval = Math.min(MAX_POLL_INTERVAL, interval * 2)) {
      const evidence = await this.get(upload.evidence.id, options);
      upload.evidence = evidence;
      if (isReady(upload)) return evidence;
      if (evidence.status === "READY" || evidence.status === "EXPIRED") {
        throw uploadError(
          `The evidence is ${evidence.status}, with another file or none. Upload the file again under another idempotency key, as new evidence.`,
          upload,
        );
      }
      if (Date.now() + interval > end) {
        throw uploadError(`The file was sent but is not READY after ${waitTimeout} ms: get evidence ${evidence.id} again later.`, upload);
      }
      await wait(interval, options.signal);
    }
  }
}
