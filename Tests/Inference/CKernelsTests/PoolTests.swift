import CKernels
import Foundation
import Synchronization
import Testing

/// What a test's runs leave behind: how often each thread worked, and the threads' CPU clocks.
private final class Tally: Sendable {
    private let counts: Mutex<[Int]>
    private let clocks: Mutex<[clockid_t]>

    init(threads: Int) {
        counts = Mutex([Int](repeating: 0, count: threads))
        clocks = Mutex([])
    }

    func add(_ thread: Int) { counts.withLock { $0[thread] += 1 } }

    func rememberClock() {
        var clock = clockid_t()
        guard pthread_getcpuclockid(pthread_self(), &clock) == 0 else { return }
        clocks.withLock { $0.append(clock) }
    }

    var all: [Int] { counts.withLock { $0 } }

    /// The CPU time that each remembered thread has used, in seconds.
    var cpuSeconds: [Double] {
        clocks.withLock { $0 }.map { clock in
            var time = timespec()
            return clock_gettime(clock, &time) == 0 ? Double(time.tv_sec) + Double(time.tv_nsec) / 1e9 : -1
        }
    }
}

@Suite struct PoolTests {
    private func run(
        _ pool: OpaquePointer, _ tally: Tally,
        _ work: @convention(c) (UnsafeMutableRawPointer?, Int, Int) -> Void
    ) {
        // Safety: the caller keeps tally alive until this returns, and the run has ended by then.
        ck_pool_run(pool, work, Unmanaged.passUnretained(tally).toOpaque())
    }

    @Test(arguments: 0...4) func eachThreadWorksOnceInEachRun(threads: Int) throws {
        let pool = try #require(ck_pool_create(threads))
        defer { ck_pool_destroy(pool) }
        let size = max(threads, 1)
        #expect(ck_pool_threads(pool) == size)
        let tally = Tally(threads: size)
        for done in 1...2000 {
            run(pool, tally) { context, thread, threads in
                let tally = Unmanaged<Tally>.fromOpaque(context!).takeUnretainedValue()
                precondition(threads == tally.all.count)
                tally.add(thread)
            }
            // All work of a run is done when it returns.
            #expect(tally.all == [Int](repeating: done, count: size))
            // Now and then let the workers fall asleep.
            if done % 100 == 0 { usleep(300) }
        }
    }

    @Test func workersWakeFromSleepEachTime() throws {
        let pool = try #require(ck_pool_create(3))
        defer { ck_pool_destroy(pool) }
        let tally = Tally(threads: 3)
        for _ in 0..<100 {
            run(pool, tally) { context, thread, _ in
                // The caller finishes first and has to sleep until the others are done.
                if thread > 0 { usleep(200) }
                Unmanaged<Tally>.fromOpaque(context!).takeUnretainedValue().add(thread)
            }
            usleep(500)
        }
        #expect(tally.all == [100, 100, 100])
    }

    @Test func idleWorkersUseNoCPU() throws {
        let pool = try #require(ck_pool_create(4))
        defer { ck_pool_destroy(pool) }
        let tally = Tally(threads: 4)
        run(pool, tally) { context, thread, _ in
            if thread > 0 { Unmanaged<Tally>.fromOpaque(context!).takeUnretainedValue().rememberClock() }
        }
        usleep(20_000)
        let before = tally.cpuSeconds
        usleep(200_000)
        let after = tally.cpuSeconds
        #expect(before.count == 3 && before.allSatisfy { $0 >= 0 })
        for (a, b) in zip(before, after) { #expect(b - a < 0.002) }
    }

    @Test func poolsEndWhetherOrNotTheyHaveWorked() throws {
        for round in 0..<50 {
            let pool = try #require(ck_pool_create(1 + round % 4))
            if round % 3 == 0 {
                let tally = Tally(threads: 4)
                run(pool, tally) { context, thread, _ in
                    Unmanaged<Tally>.fromOpaque(context!).takeUnretainedValue().add(thread)
                }
            }
            ck_pool_destroy(pool)
        }
        ck_pool_destroy(nil)
        #expect(ck_pool_create(1_000_000) == nil)
    }
}
