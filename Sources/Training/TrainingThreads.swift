import CKernels
import COpenBLAS
import Synchronization

/// The threads that a training step is shared out to.
///
/// Each does whole items alone, OpenBLAS included, and what an item computes does not depend on which thread
/// takes it: so a step's result is the same on any number of threads.
final class TrainingThreads {
    private let pool: OpaquePointer
    /// Threads, the caller included.
    let count: Int

    init(count: Int) {
        precondition(count > 0)
        openblas_set_num_threads(1)
        guard let pool = ck_pool_create(count) else { preconditionFailure("no memory for \(count) threads") }
        self.pool = pool
        self.count = count
    }

    deinit { ck_pool_destroy(pool) }

    /// Calls `body(thread, item)` once for each item, in order as threads get free; returns when all are done.
    func forEach(_ itemCount: Int, _ body: (_ thread: Int, _ item: Int) -> Void) {
        let next = Atomic<Int>(0)
        run { thread in
            while true {
                let item = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard item < itemCount else { return }
                body(thread, item)
            }
        }
    }

    private func run(_ body: (_ thread: Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            var context = body
            // Safety: `context` outlives the call, which returns only after every thread has finished.
            withUnsafeMutablePointer(to: &context) { pointer in
                ck_pool_run(
                    pool,
                    { context, thread, _ in
                        context?.assumingMemoryBound(to: ((Int) -> Void).self).pointee(thread)
                    }, pointer)
            }
        }
    }
}
