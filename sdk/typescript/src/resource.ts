import { ApiPromise } from "./api-promise.js";
import { callOperation } from "./operation.js";
import type { RequestOptions, Settings } from "./options.js";
import type { CallArguments } from "./request.js";
import { unexpectedPageError } from "./responses.js";

/** Page of a list in either of the contracts' forms. */
export type AnyPage = { data: unknown[] } | { items: unknown[] };

/** Entry of a page. */
export type ItemOf<Page> = Page extends { data: (infer Item)[] } ? Item : Page extends { items: (infer Item)[] } ? Item : never;

/** Form of a contract's pages. */
export interface PageForm {
  /** Largest page that the contract allows. */
  maxLimit: number;
  /** Returns the entries of a page, or `undefined` if it is none. */
  items(page: Record<string, unknown>): unknown;
  /** Returns the cursor of the next page. */
  nextCursor(page: Record<string, unknown>): unknown;
}

/** Group of operations of a client. */
export class Resource {
  readonly #settings: Settings;
  readonly #pageForm: PageForm;

  constructor(settings: Settings, pageForm: PageForm) {
    this.#settings = settings;
    this.#pageForm = pageForm;
  }

  /** Settings of the client, for subclasses. */
  protected static settingsOf(resource: Resource): Settings {
    return resource.#settings;
  }

  /** Calls an operation. */
  protected call<T>(method: string, path: string, callArguments: CallArguments, options?: RequestOptions): ApiPromise<T> {
    return new ApiPromise<T>(callOperation(this.#settings, method, path, callArguments, options));
  }

  /** Yields every page of a list. */
  protected async *everyPage<Page>(
    path: string,
    callArguments: CallArguments,
    options?: RequestOptions,
  ): AsyncGenerator<Page, void, undefined> {
    const form = this.#pageForm;
    const given = callArguments.query as { cursor?: unknown; limit?: unknown } | undefined;
    let cursor = given?.cursor;
    for (;;) {
      const query = { ...given, limit: given?.limit ?? form.maxLimit, cursor };
      const promise = this.call<Record<string, unknown>>("GET", path, { ...callArguments, query }, options);
      const { data, response } = await promise.withResponse();
      if (!Array.isArray(form.items(data))) {
        throw unexpectedPageError("The response is not a page of a list. Check baseUrl.", response, data);
      }
      const next = form.nextCursor(data) ?? undefined;
      // Going on would never end, and this page has been yielded already.
      if (next !== undefined && next === cursor) {
        throw unexpectedPageError("The server returned the cursor that it was asked for. Start the list again.", response, data);
      }
      yield data as Page;
      if (next === undefined) return;
      cursor = next;
    }
  }

  /** Yields every entry of a list. */
  protected async *items<Page>(
    path: string,
    callArguments: CallArguments,
    options?: RequestOptions,
  ): AsyncGenerator<ItemOf<Page>, void, undefined> {
    for await (const page of this.everyPage<Record<string, unknown>>(path, callArguments, options)) {
      yield* this.#pageForm.items(page) as ItemOf<Page>[];
    }
  }
}

/** Calls by path, for operations that are newer than this package. */
export class RawApi extends Resource {
  /**
   * Calls an operation by its method and its path below the base path, such as `/leads`, with the same retries, idempotency
   * keys and errors as every method.
   */
  request<T = Record<string, unknown>>(
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: `/${string}`,
    { query, body }: Omit<CallArguments, "id"> = {},
    options?: RequestOptions,
  ): ApiPromise<T> {
    return this.call<T>(method, path, { query, body }, options);
  }
}
