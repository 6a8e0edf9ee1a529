import CKernels
import Glibc

/// What this machine can do at most, measured: the two limits that inference on a CPU runs against.
///
/// Prefill multiplies bytes, decoding reads weights. A figure of either means little without these beside it, taken
/// in the same run: machines differ and are shared.
package struct MachineLimits: Sendable, Hashable {
    /// How many threads that are.
    package let threadCount: Int
    /// Bytes that all threads together read from memory in a second, one figure for each repetition.
    package let readBytesPerSecond: [Double]
    /// Multiplications and additions of bytes that all threads together do in a second, in registers.
    package let operationsPerSecond: [Double]

    /// Far more than caches hold.
    private static let memoryBytes = 512 << 20
    private static let pieceBytes = 2 << 20
    /// Long enough that starting the threads does not count.
    private static let leastSeconds = 0.04

    /// Measures on `threads` threads; nil takes as many as this process may use.
    ///
    /// Takes some 0.2 s a repetition. Throws a ``GemmaError`` if the number is not usable or memory is short.
    package init(threads: Int? = nil, repetitions: Int = 5) throws(GemmaError) {
        precondition(repetitions > 0)
        let threads = threads ?? ProcessorCount.available
        guard (1...256).contains(threads) else {
            throw GemmaError(.badOption, "thread count \(threads) is not usable: take 1 to 256")
        }
        let pool = ThreadPool(threadCount: threads)
        threadCount = threads
        operationsPerSecond = Self.measureOperations(pool, repetitions)
        readBytesPerSecond = try Self.measureReads(pool, repetitions)
    }

    private static func measureOperations(_ pool: ThreadPool, _ repetitions: Int) -> [Double] {
        var rounds = 1 << 10
        var rates: [Double] = []
        while rates.count < repetitions {
            var done = [UInt64](repeating: 0, count: pool.threadCount)
            let seconds = done.withUnsafeMutableBufferPointer { done in
                time {
                    pool.run { thread in
                        var sum: Int32 = 0
                        done[thread] = ck_multiply_bytes(rounds, &sum)
                    }
                }
            }
            if seconds < leastSeconds {
                rounds *= 2
            } else {
                rates.append(2 * Double(done.reduce(0, +)) / seconds)
            }
        }
        return rates
    }

    private static func measureReads(_ pool: ThreadPool, _ repetitions: Int) throws(GemmaError) -> [Double] {
        let memory = mmap(nil, memoryBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED else {
            throw GemmaError(
                .badOption, "no memory for measuring its speed: \(memoryBytes >> 20) MiB are needed")
        }
        defer { munmap(memory, memoryBytes) }
        // Ignored: without large pages it is a little slower.
        _ = madvise(memory, memoryBytes, MADV_HUGEPAGE)
        let pieceCount = memoryBytes / pieceBytes
        pool.forEach(pieceCount) { _, piece in memset(memory + piece * pieceBytes, 1, pieceBytes) }
        return (0..<repetitions).map { _ in
            var passes = 0
            let seconds = time {
                for _ in 0..<4 {
                    passes += 1
                    pool.forEach(pieceCount) { _, piece in
                        _ = ck_read_all(memory + piece * pieceBytes, pieceBytes)
                    }
                }
            }
            return Double(passes * memoryBytes) / seconds
        }
    }

    private static func time(_ work: () -> Void) -> Double {
        ContinuousClock().measure(work) / .seconds(1)
    }
}

extension GemmaModel {
    /// Bytes of weights, as the file stores them, that one pass through the model with logits reads.
    ///
    /// An embedding that is not the head too is only looked up.
    package var bytesPerPass: Int {
        let (embedding, head) = (weights.embedding, weights.head)
        return weightBytes - (embedding.address == head.address ? 0 : embedding.rows * embedding.rowBytes)
    }

    /// Bytes of keys and values, in half precision, that decoding one token after `depth` others reads.
    package func cacheBytesRead(depth: Int) -> Int {
        configuration.layers.reduce(0) { $0 + min(depth, $1.slidingWindow ?? depth) }
            * (cacheBytesPerToken / configuration.layers.count)
    }
}
