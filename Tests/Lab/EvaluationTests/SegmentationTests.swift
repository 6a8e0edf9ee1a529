import Testing

@testable import Evaluation

struct SegmentationTests {
    @Test func lengthsAndFlagsAreTheSame() {
        let made = Segmentation(lengths: [2, 0, 3, 1])
        #expect(made.ends == [false, true, false, false, true, true])
        #expect(made.count == 3)
    }

    @Test func topicsThatOverlapAndLeaveGapsCutWhereTheyChange() {
        // 0 1 | 2 | 4 | 5 6 | 7: the second topic is inside the first, 3 is left out, and no topic covers 7.
        let cut = Segmentation(indices: [0, 1, 2, 4, 5, 6, 7], topics: [[0..<5], [2..<4], [5..<7, 9..<12]])
        #expect(cut.ends == [false, true, true, true, false, true, true])
        #expect(Segmentation(indices: [3, 4], topics: []).ends == [false, true])
        #expect(Segmentation(indices: [], topics: [[0..<4]]).ends.isEmpty)
    }

    @Test(arguments: [1, 2, 5, 17]) func sameSegmentationIsPerfect(_ window: Int) {
        let one = Segmentation(lengths: [5, 7, 1, 4])
        #expect(one.pk(one, window: window) == 0)
        #expect(one.windowDiff(one, window: window) == 0)
    }

    @Test func nearMissCostsLessThanFarMissAndPkNeverMoreThanWindowDiff() {
        let truth = Segmentation(lengths: [20, 20, 20])
        let near = Segmentation(lengths: [22, 18, 20])
        let far = Segmentation(lengths: [29, 11, 20])
        #expect(truth.windowDiff(near) > 0)
        #expect(truth.windowDiff(near) < truth.windowDiff(far))
        #expect(truth.pk(near) < truth.pk(far))
        for other in [
            near, far, Segmentation(lengths: [60]), Segmentation(lengths: Array(repeating: 1, count: 60)),
        ] {
            #expect(truth.pk(other) <= truth.windowDiff(other))
        }
    }

    @Test func changeOfWordsIsWhereTheLexicalSegmenterCuts() {
        let boats = [
            "The ferry sails at noon.", "Which ferry sails?", "The sails of the ferry are torn, captain.",
        ]
        let bread = ["We knead dough for bread.", "The oven bakes bread.", "Dough rises in the warm oven."]
        let talk = (0..<12).map { boats[$0 % 3] } + (0..<12).map { bread[$0 % 3] }
        let cut = LexicalSegmenter.segment(talk, blockSize: 6)
        #expect(cut.ends.count == talk.count && cut.ends.last == true)
        #expect(cut.ends[11])
        #expect(LexicalSegmenter.segment([]).ends.isEmpty)
        #expect(LexicalSegmenter.segment(["alone"]).ends == [true])
    }
}
