import type { OperationResult } from "./operation.js";

/** Status and headers of a response. */
export interface ResponseDetails {
  /** HTTP status. */
  status: number;
  /** Headers of the response. */
  headers: Headers;
  /** Id to quote when you ask for help. */
  requestId: string | null;
  /** Whether this is the stored response of an earlier request with the same idempotency key. */
  isReplayed: boolean;
  /** Entity tag for `ifMatch`. */
  etag: string | null;
}

/** A result together with its response. */
export interface WithResponse<T> {
  data: T;
  response: ResponseDetails;
}

/** Promise of a result, from which the response can be had too. */
export class ApiPromise<T> extends Promise<T> {
  readonly #result: Promise<OperationResult>;

  constructor(result: Promise<OperationResult>) {
    // The promise itself is never used: `then` goes to the result.
    super((resolve) => resolve(undefined as T));
    this.#result = result;
  }

  /** Class of the promises that `then` returns: ordinary ones. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** Returns the result together with status, headers and request id. */
  async withResponse(): Promise<WithResponse<T>> {
    const { data, response } = await this.#result;
    const { status, headers } = response;
    return {
      data: data as T,
      response: {
        status,
        headers,
        requestId: headers.get("x-request-id"),
        isReplayed: headers.get("idempotent-replayed") === "true",
        etag: headers.get("etag"),
      },
    };
  }

  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#result.then(({ data }) => data as T).then(onFulfilled, onRejected);
  }

  override catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(null, onRejected);
  }

  override finally(onFinally?: (() => void) | null): Promise<T> {
    return this.then().finally(onFinally) as Promise<T>;
  }
}
