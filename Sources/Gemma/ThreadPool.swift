import CKernels
import COpenBLAS
import Synchronization

/// The engine's own threads: work is split over them and joined again.
///
/// Thread 0 is the caller. Idle workers park, so an idle engine uses no CPU. OpenBLAS is told to run on the
/// calling thread only: the pool calls it from each of its threads on separate panels, so that there is
/// never a second pool that spins against this one.
final class ThreadPool {
    private let pool: OpaquePointer
    /// Threads, the caller included.
    let threadCount: Int

    init(threadCount: Int) {
        precondition(threadCount > 0)
        openblas_set_num_threads(1)
        guard let pool = ck_pool_create(threadCount) else {
            preconditionFailure("no memory for \(threadCount) threads")
        }
        self.pool = pool
        self.threadCount = threadCount
    }

    deinit { ck_pool_destroy(pool) }

    /// Calls `body(thread)` once on every thread and returns when all have returned.
    func run(_ body: (_ thread: Int) -> Void) {
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

    /// Calls `body(thread, item)` once for each item; threads take the next item when they are free, so that
    /// one slow thread on a shared machine does not hold up the others.
    func forEach(_ count: Int, _ body: (_ thread: Int, _ item: Int) -> Void) {
        guard count > 1, threadCount > 1 else {
            for item in 0..<count { body(0, item) }
            return
        }
        let next = Atomic<Int>(0)
        run { thread in
            while true {
                let item = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard item < count else { return }
                body(thread, item)
            }
        }
    }
}
