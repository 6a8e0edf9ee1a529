import Foundation

/// Finds out how many processors this process may use.
package enum ProcessorCount {
    /// The number of processors in the affinity mask or in the cgroup's CPU quota, whichever is smaller; at least 1.
    package static var available: Int {
        let affinity = ProcessInfo.processInfo.activeProcessorCount
        return max(1, min(affinity, cgroupQuota() ?? affinity))
    }

    /// The smallest `cpu.max` of this process's cgroup (version 2) and its parents, in whole processors; nil if there
    /// is no limit.
    private static func cgroupQuota() -> Int? {
        guard let membership = try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8),
            let line = membership.split(separator: "\n").first(where: { $0.hasPrefix("0::") })
        else { return nil }
        var path = "/sys/fs/cgroup" + line.dropFirst(3)
        var smallest: Int?
        while path.hasPrefix("/sys/fs/cgroup") {
            if let limit = try? String(contentsOfFile: path + "/cpu.max", encoding: .utf8) {
                let fields = limit.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
                if fields.count == 2, fields[1] > 0 {
                    smallest = min(smallest ?? .max, max(1, Int((fields[0] / fields[1]).rounded())))
                }
            }
            path = (path as NSString).deletingLastPathComponent
        }
        return smallest
    }
}
