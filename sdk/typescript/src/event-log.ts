import { EventLogApi } from "./generated/native-client.js";
import type { EventLog, LoggedEvent, ReadEventLogQuery } from "./generated/native-types.js";
import type { RequestOptions } from "./options.js";
import { Resource } from "./resource.js";
import { unexpectedPageError } from "./responses.js";
import { wait } from "./retry.js";

/** Largest page of the log. */
const MAX_LIMIT = 100;
/** Longest time that a deployment lets a request wait for an event, in seconds. */
const MAX_WAIT = 20;
/** Margin between the end of the wait and the time limit of the request, in milliseconds, for the way there and back. */
const WAIT_MARGIN = 5_000;
/** Default time between two requests at the end of the log, in milliseconds, where the deployment does not wait. */
export const DEFAULT_POLL_INTERVAL = 5_000;

/** Events to iterate over. `after` may be undefined, where no position has been kept yet. */
export interface EventLogQuery extends Omit<ReadEventLogQuery, "after"> {
  /** Position of an event, after which the iteration begins, or `latest` for the end of the log. */
  after?: string | undefined;
}

/** Options of following the event log. */
export interface FollowOptions extends RequestOptions {
  /** Milliseconds between two requests at the end of the log, if the deployment does not wait for events (5,000). */
  pollInterval?: number;
}

/** Event log: every event in the order in which it was recorded, for those who poll. */
export class IterableEventLogApi extends EventLogApi {
  /**
   * Yields every page after `query.after` until the end of the log. A page may be empty: its `pagination.after` is the
   * position to go on at.
   *
   * Needs the scope `webhooks:read`.
   */
  async *pages(query: EventLogQuery = {}, options?: RequestOptions): AsyncGenerator<EventLog, void, undefined> {
    let { after, ...filter } = query;
    for (;;) {
      const page = await this.#page(filter, after, options);
      yield page;
      if (!page.pagination.hasMore) return;
      after = page.pagination.after;
    }
  }

  /**
   * Yields every event after `query.after` until the end of the log. Without `after` it begins with the oldest event that
   * is kept. Keep `event.position` of the last event that you have processed, and go on there next time.
   *
   * Needs the scope `webhooks:read`.
   */
  async *iterate(query: EventLogQuery = {}, options?: RequestOptions): AsyncGenerator<LoggedEvent, void, undefined> {
    for await (const page of this.pages(query, options)) yield* page.data;
  }

  /**
   * Yields every event after `query.after`, and then each further one as it is recorded, until `options.signal` ends it or
   * you leave the loop. `after: "latest"` begins at the end of the log.
   *
   * Where the deployment allows it, requests wait for the next event; otherwise they are repeated after `pollInterval`.
   * Needs the scope `webhooks:read`.
   *
   * @example
   * ```ts
   * for await (const event of leadhouse.eventLog.follow({ after: position })) {
   *   await process(event);
   *   position = event.position;
   * }
   * ```
   */
  async *follow(query: EventLogQuery = {}, options: FollowOptions = {}): AsyncGenerator<LoggedEvent, void, undefined> {
    const { pollInterval = DEFAULT_POLL_INTERVAL, ...requestOptions } = options;
    const timeout = options.timeout ?? Resource.settingsOf(this).timeout;
    const seconds = Math.max(0, Math.min(MAX_WAIT, Math.floor((timeout - WAIT_MARGIN) / 1_000)));
    let { after, ...filter } = query;
    for (;;) {
      const start = Date.now();
      const page = await this.#page({ ...filter, wait: filter.wait ?? seconds }, after, requestOptions);
      yield* page.data;
      after = page.pagination.after;
      // A request that has waited is followed by the next at once.
      const isAtEnd = page.data.length === 0 && !page.pagination.hasMore;
      if (isAtEnd) await wait(Math.max(0, start + pollInterval - Date.now()), options.signal);
    }
  }

  /** Returns the page after a position, if it can be gone on from. */
  async #page(filter: ReadEventLogQuery, after: string | undefined, options?: RequestOptions): Promise<EventLog> {
    const read = this.read({ ...filter, limit: filter.limit ?? MAX_LIMIT, ...(after !== undefined && { after }) }, options);
    const { data: page, response } = await read.withResponse();
    if (!Array.isArray(page.data) || typeof page.pagination?.after !== "string") {
      throw unexpectedPageError("The response is not a page of the event log. Check baseUrl.", response, page);
    }
    if (page.pagination.hasMore && page.pagination.after === after) {
      const message = "The server returned the position that it was asked for. Read on at the last event's position.";
      throw unexpectedPageError(message, response, page);
    }
    return page;
  }
}
