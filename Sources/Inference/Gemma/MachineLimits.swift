import CKernels
import Glibc

/// Measurements of the two limits that bound inference on this machine: memory bandwidth and byte arithmetic.
///
/// Prefill is bound by multiplying bytes, decoding by reading weights. A measured speed of either means little unless
/// it is compared with these limits from the same run, because machines differ and are shared.
package struct MachineLimits: Sendable, Hashable {
    /// The number of threads that were measured.
    package let threadCount: Int
    /// Bytes per second that all threads together read from memory, one figure for each repetition.
    package let readBytesPerSecond: [Double]
    /// Multiplications and additions of bytes per second that all threads together do in registers, one figure for each
    /// repetition.
    package let operationsPerSecond: [Double]

    /// Far more than the processor's caches can hold.
    private static let memoryBytes = 512 << 20
    private static let pieceBytes = 2 << 20
    /// Long enough for the time that it takes to start the threads not to matter.
    private static let leastSeconds = 0.04

    /// Measures with `threads` threads; nil takes as many as this process may use.
    ///
    /// Each repetition takes about 0.2 s. Throws a ``GemmaError`` if the thread count is out of range or memory is
    /// short.
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
        // Ignored: without large pages, reading is a little slower.
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
    /// The bytes of weights, as the file stores them, that one pass through the model reads if it computes logits.
    package var bytesPerPass: Int { weightBytes - lookedUpBytes }

    /// The bytes of the tables of which a pass looks up only a few rows: layer inputs, and an embedding that does not
    /// also serve as the head.
    package var lookedUpBytes: Int {
        let (embedding, head) = (weights.embedding, weights.head)
        let table = weights.layerInputs?.table
        return (embedding.address == head.address ? 0 : embedding.rows * embedding.rowBytes)
            + (table.map { $0.rows * $0.rowBytes } ?? 0)
    }

    /// The bytes of keys and values, in half precision, that decoding one token after `depth` others reads.
    package func cacheBytesRead(depth: Int) -> Int {
        configuration.layers.indices.reduce(0) {
            let window = configuration.layers[$1].slidingWindow ?? depth
            return $0 + min(depth, window) * 2 * configuration.kvSize($1) * KVCache.ElementType.f16.byteCount
        }
    }
}
