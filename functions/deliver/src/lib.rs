//! Makes one attempt of each delivery that the queue hands over.
