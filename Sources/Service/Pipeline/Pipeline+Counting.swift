import Metrics
import Summaries

/// What is counted of the work.
extension Pipeline {
    /// Counts a window that was summarised, and what the check of evidence made of its sentences.
    static func count(_ summary: WindowSummary, _ findings: WindowFindings) {
        let counters = Counters.process
        counters.add(to: .windows, ["result": "summarised"])
        counters.add(to: .cacheLookups, ["result": summary.reusedTokens > 0 ? "hit" : "miss"])
        let read = summary.promptTokens - summary.reusedTokens
        for (kind, tokens) in [
            ("read", read), ("reused", summary.reusedTokens), ("written", summary.generatedTokens),
        ] {
            counters.add(Double(max(0, tokens)), to: .tokens, ["kind": kind])
        }
        for statement in findings.statements ?? [] where !statement.isHeading {
            counters.add(to: .statements, ["result": statement.isGrounded ? "shown" : "left_out"])
            guard !statement.isGrounded else { continue }
            counters.add(to: .leftOut, ["reason": statement.missing.isEmpty ? "unlike" : "missing"])
        }
    }
}
