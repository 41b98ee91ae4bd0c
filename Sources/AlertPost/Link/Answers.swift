internal import Wire

extension Reply.Acknowledged {
    /// What the hub says of each alert, and the sum of the ids of each run. Runs of more alerts than an answer may tell of, or
    /// with numbers past the range, are left out.
    var forOutbox: ([Outbox.Answer], [Outbox.Check]) {
        var answers: [Outbox.Answer] = []
        var checks: [Outbox.Check] = []
        for (index, run) in stored.enumerated()
        where run[2] <= WireLimits.outcomes && run[0] <= WireLimits.number {
            for step in 0..<run[2] {
                answers.append(.stored(sequence: run[0] + step, offset: run[1] &+ step))
            }
            guard let sums, sums.indices.contains(index), run[2] > 0 else { continue }
            checks.append(Outbox.Check(sequences: run[0]...run[0] + run[2] - 1, sum: sums[index]))
        }
        for refused in refused {
            answers.append(
                .rejected(sequence: refused.sequence, code: refused.code.rawValue, reason: refused.reason))
        }
        return (answers, checks)
    }
}
