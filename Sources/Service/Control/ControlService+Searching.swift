import Errors
import Foundation
import Ledger
import Logging
import Pipeline
import Transcript

/// Searching, on request.
extension ControlService {
    /// What stands in the meetings that the peer may read.
    func search(_ request: ControlRequest, _ peer: PeerCredentials) throws -> SearchAnswer {
        guard let wanted = request.search else {
            throw ApplicationError(.badRequest, "'search' needs a \"search\"")
        }
        let mayRead = { (meeting: MeetingID) in peer.mayRead(meeting, readers) }
        guard peer.isAdministrator() || !readers.isEmpty else {
            throw ApplicationError(
                .forbidden,
                "you may not read what was said: root may, and in minutes the group that output.group of the daemon's "
                    + "configuration names")
        }
        if let meeting = wanted.meeting, !mayRead(meeting), try ledger.meeting(meeting) != nil {
            throw ApplicationError(
                .forbidden, "you may not read the minutes of '\(meeting)', nor what was said there")
        }
        do {
            return try ledger.search(wanted, mayRead: peer.isAdministrator() ? nil : mayRead)
                .linked(below: output.path)
        } catch let error as LedgerError where error.code == .damaged {
            // It is made of what is recorded.
            try ledger.emptySearchIndex()
            logger.error("the index for searching was damaged: it is filled anew", error: error)
            throw ApplicationError(
                .busy, "the index for searching was damaged, and is filled anew: try again in some minutes")
        }
    }
}

extension SearchAnswer {
    /// The same, with addresses on the pages below the folder of the minutes.
    package func linked(below folder: String) -> SearchAnswer {
        var answer = self
        for (index, hit) in answer.hits.enumerated() {
            let page = URL(filePath: MeetingPage.path(below: folder, hit.meeting))
            answer.hits[index].link = page.absoluteString + hit.anchor
        }
        return answer
    }
}
