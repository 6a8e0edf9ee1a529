import CKernels
import COpenBLAS
import Synchronization

/// Work that the threads of a pool do for each item.
///
/// Work that is done for every token has its own type instead of being a closure, because a closure that threads share
/// is allocated on the heap at each call.
protocol PoolWork {
    /// Does the work for one item; called once for each, from several threads at the same time.
    func perform(_ item: Int, thread: Int)
}

extension PoolWork {
    fileprivate static func perform(at address: UnsafeRawPointer, _ item: Int, thread: Int) {
        address.assumingMemoryBound(to: Self.self).pointee.perform(item, thread: thread)
    }
}

/// A fork-join pool of threads for the engine or for training.
///
/// The caller is thread 0. Idle workers sleep, so an idle engine uses no CPU. OpenBLAS is set to run only on the
/// calling thread: each thread of the pool calls it for its own panels, so that there is never a second pool that
/// competes with this one.
package final class ThreadPool {
    private let pool: OpaquePointer
    /// The number of threads, the caller included.
    package let threadCount: Int

    package init(threadCount: Int) {
        precondition(threadCount > 0)
        openblas_set_num_threads(1)
        guard let pool = ck_pool_create(threadCount) else {
            preconditionFailure("no memory for \(threadCount) threads")
        }
        self.pool = pool
        self.threadCount = threadCount
    }

    deinit { ck_pool_destroy(pool) }

    /// Does `work` for each of `count` items and returns when all are done; allocates no memory.
    ///
    /// A thread takes the next item when it is free, so that one slow thread on a shared machine does not hold up the
    /// others.
    func forEach<Work: PoolWork>(_ count: Int, _ work: Work) {
        guard count > 1, threadCount > 1 else {
            for item in 0..<count { work.perform(item, thread: 0) }
            return
        }
        withUnsafePointer(to: work) { address in
            var shared = SharedWork(type: Work.self, address: address, count: count)
            // Safety: both outlive the call, which returns only after every thread has finished.
            withUnsafeMutablePointer(to: &shared) { shared in
                ck_pool_run(
                    pool,
                    { shared, thread, _ in
                        shared?.assumingMemoryBound(to: SharedWork.self).pointee.run(thread: thread)
                    }, shared)
            }
        }
    }

    /// Calls `body(thread, item)` once for each item; allocates memory, so this is for work that is not done often.
    package func forEach(_ count: Int, _ body: (_ thread: Int, _ item: Int) -> Void) {
        withoutActuallyEscaping(body) { forEach(count, Call(body: $0)) }
    }

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

    private struct Call: PoolWork {
        let body: (_ thread: Int, _ item: Int) -> Void

        func perform(_ item: Int, thread: Int) { body(thread, item) }
    }

    /// Work of any type, with a count of the items that threads have taken.
    private struct SharedWork: ~Copyable {
        let type: any PoolWork.Type
        let address: UnsafeRawPointer
        let count: Int
        let taken = Atomic<Int>(0)

        init(type: any PoolWork.Type, address: UnsafeRawPointer, count: Int) {
            self.type = type
            self.address = address
            self.count = count
        }

        func run(thread: Int) {
            while true {
                let item = taken.wrappingAdd(1, ordering: .relaxed).oldValue
                guard item < count else { return }
                type.perform(at: address, item, thread: thread)
            }
        }
    }
}
