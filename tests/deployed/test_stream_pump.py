"""Unit tests of the stream pump's rules."""

import unittest

from stream_pump import Lane, matches, number_of

SETTINGS = {
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
    "BisectBatchOnFunctionError": True,
    "MaximumRetryAttempts": 3,
    "MaximumRecordAgeInSeconds": 60,
}


def records(count, age=0):
    return [
        {"dynamodb": {"SequenceNumber": str(number), "ApproximateCreationDateTime": 1_000 - age}}
        for number in range(count)
    ]


def failing_at(number):
    return {"batchItemFailures": [{"itemIdentifier": number}]}


class LaneTest(unittest.TestCase):
    def hand_over(self, given, respond, **settings):
        """Hands over records to a function that responds with `respond(numbers, call)`; returns the calls' numbers and
        the discarded ones with their condition."""
        calls, discarded = [], []

        def invoke(batch):
            calls.append([int(number_of(one)) for one in batch])
            return respond(calls[-1], len(calls))

        discard = lambda batch, condition, _: discarded.extend((int(number_of(one)), condition) for one in batch)
        Lane({**SETTINGS, **settings}, invoke, discard, lambda: 1_000, lambda _: None).hand_over(given)
        return calls, discarded

    def test_a_batch_continues_at_the_named_record(self):
        calls, discarded = self.hand_over(records(4), lambda _, call: failing_at("2") if call == 1 else {})
        self.assertEqual((calls, discarded), ([[0, 1, 2, 3], [2, 3]], []))

    def test_a_poisoned_record_that_is_named_takes_those_behind_it_along(self):
        calls, discarded = self.hand_over(records(4), lambda batch, _: failing_at("1") if 1 in batch else {})
        self.assertEqual(calls, [[0, 1, 2, 3]] + [[1, 2, 3]] * 3)
        self.assertEqual([number for number, _ in discarded], [1, 2, 3])
        self.assertEqual({condition for _, condition in discarded}, {"RetryAttemptsExhausted"})

    def test_a_function_that_fails_gets_halves(self):
        calls, discarded = self.hand_over(records(4), lambda batch, _: None if 1 in batch else {})
        self.assertEqual(calls, [[0, 1, 2, 3], [0, 1], [0]] + [[1]] * 4 + [[2, 3]])
        self.assertEqual(discarded, [(1, "RetryAttemptsExhausted")])

    def test_an_unknown_number_fails_the_whole_batch(self):
        for unknown in ["9", "", None]:
            calls, _ = self.hand_over(records(2), lambda _, call: failing_at(unknown) if call == 1 else {})
            self.assertEqual(calls, [[0, 1], [0], [1]])

    def test_retries_without_end_go_on(self):
        respond = lambda _, call: failing_at("0") if call < 50 else {}
        calls, discarded = self.hand_over(records(1), respond, MaximumRetryAttempts=-1)
        self.assertEqual((len(calls), discarded), (50, []))

    def test_old_records_are_discarded(self):
        calls, discarded = self.hand_over(records(2, age=61), lambda *_: {})
        self.assertEqual((calls, discarded), ([], [(0, "RecordAgeExceeded"), (1, "RecordAgeExceeded")]))

    def test_failures_count_only_where_they_are_reported(self):
        calls, _ = self.hand_over(records(2), lambda *_: failing_at("0"), FunctionResponseTypes=[])
        self.assertEqual(calls, [[0, 1]])


class FilterTest(unittest.TestCase):
    def test_all_fields_and_one_alternative_match(self):
        pattern = {"eventName": ["INSERT"], "dynamodb": {"Keys": {"pk": {"S": [{"prefix": "L#"}]}}}}
        record = lambda event, key: {"eventName": event, "dynamodb": {"Keys": {"pk": {"S": key}}}}
        self.assertTrue(matches(pattern, record("INSERT", "L#1")))
        self.assertFalse(matches(pattern, record("REMOVE", "L#1")))
        self.assertFalse(matches(pattern, record("INSERT", "W#1")))
        self.assertFalse(matches({"dynamodb": {"Keys": {"sk": {"S": ["L"]}}}}, record("INSERT", "L#1")))


if __name__ == "__main__":
    unittest.main()
