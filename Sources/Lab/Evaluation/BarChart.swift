import Foundation

/// A chart of bars in groups, with intervals, as an SVG picture.
package struct BarChart: Sendable, Hashable {
    /// A bar that shows a value, which must not be negative, and its interval.
    package struct Bar: Sendable, Hashable {
        /// The value, which is the bar's height.
        package var value: Double
        /// The lower end of the interval.
        package var low: Double
        /// The upper end of the interval.
        package var high: Double
    }

    /// The bars of one colour: one in each group, or nil where there is no value.
    package struct Series: Sendable, Hashable {
        /// The name that the legend shows.
        package var name: String
        /// One bar for each group of the chart.
        package var bars: [Bar?]
    }

    /// The title above the bars.
    package var title: String
    /// The names of the groups, which are shown below them.
    package var groups: [String]
    /// The series, each with as many bars as there are groups.
    package var series: [Series]

    /// Creates a chart; a series with another number of bars than there are groups is a programming error.
    package init(title: String, groups: [String], series: [Series]) {
        precondition(series.allSatisfy { $0.bars.count == groups.count }, "a bar for each group is needed")
        self.title = title
        self.groups = groups
        self.series = series
    }

    // All sizes are in pixels.
    private static let barWidth = 22.0
    private static let groupGap = 26.0
    private static let plotHeight = 260.0
    private static let margin = (left: 52.0, top: 44.0, bottom: 34.0)
    private static let legendLine = 18.0
    /// Colours that people with colour blindness can also distinguish (Okabe and Ito, 2008).
    private static let colours = [
        "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#999999",
    ]

    private var groupWidth: Double {
        // The group's name needs about 6.5 pixels for each letter.
        let name = Double(groups.map(\.count).max() ?? 0) * 6.5 + 8
        return max(Double(series.count) * Self.barWidth + Self.groupGap, name)
    }

    /// The end of the axis: the highest value or interval's end, rounded up to the next 0.1, but at least 0.1.
    private var top: Double {
        let highest = series.flatMap(\.bars).compactMap { $0.map { max($0.value, $0.high) } }.filter(
            \.isFinite
        ).max()
        return max(1, ((highest ?? 0) * 10).rounded(.up)) / 10
    }

    /// The chart as an SVG document.
    package var svg: String {
        let width = Self.margin.left + Double(groups.count) * groupWidth + 16
        let plotBottom = Self.margin.top + Self.plotHeight
        let height = plotBottom + Self.margin.bottom + Double(series.count) * Self.legendLine
        var lines = [
            #"<svg xmlns="http://www.w3.org/2000/svg" width="\#(number(width))" height="\#(number(height))" "#
                + #"viewBox="0 0 \#(number(width)) \#(number(height))" font-family="sans-serif" font-size="12">"#,
            #"<rect width="100%" height="100%" fill="white"/>"#,
            text(title, x: Self.margin.left, y: 22, extra: #" font-size="14" font-weight="bold""#),
        ]
        lines += axis(width: width)
        for (group, name) in groups.enumerated() {
            let left = Self.margin.left + Double(group) * groupWidth
            lines.append(
                text(name, x: left + groupWidth / 2, y: plotBottom + 18, extra: #" text-anchor="middle""#))
            let first = left + (groupWidth - Double(series.count) * Self.barWidth) / 2
            for (place, one) in series.enumerated() {
                guard let bar = one.bars[group] else { continue }
                lines += draw(bar, x: first + Double(place) * Self.barWidth, colour: colour(place))
            }
        }
        for (place, one) in series.enumerated() {
            let y = plotBottom + Self.margin.bottom + Double(place) * Self.legendLine
            lines.append(rectangle(x: Self.margin.left, y: y, width: 12, height: 12, fill: colour(place)))
            lines.append(text(one.name, x: Self.margin.left + 18, y: y + 10, extra: ""))
        }
        return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    private func axis(width: Double) -> [String] {
        let step = top > 0.5 ? 0.2 : top > 0.2 ? 0.1 : 0.05
        return stride(from: 0, through: top + 1e-9, by: step).flatMap { value in
            let y = y(value)
            return [
                #"<line x1="\#(number(Self.margin.left))" x2="\#(number(width - 8))" y1="\#(number(y))" y2="\#(number(y))" stroke="lightgrey"/>"#,
                text(
                    String(format: "%.2f", value), x: Self.margin.left - 6, y: y + 4,
                    extra: #" text-anchor="end" fill="dimgrey""#),
            ]
        }
    }

    private func draw(_ bar: Bar, x: Double, colour: String) -> [String] {
        let middle = number(x + Self.barWidth / 2 - 1)
        let (high, low) = (number(y(bar.high)), number(y(bar.low)))
        return [
            rectangle(
                x: x, y: y(bar.value), width: Self.barWidth - 2, height: y(0) - y(bar.value), fill: colour),
            #"<path d="M\#(middle) \#(high)V\#(low)m-4 0h8M\#(middle) \#(high)m-4 0h8" stroke="black" fill="none"/>"#,
        ]
    }

    private func y(_ value: Double) -> Double {
        Self.margin.top + Self.plotHeight * (1 - min(max(value.isFinite ? value : 0, 0), top) / top)
    }

    private func colour(_ place: Int) -> String { Self.colours[place % Self.colours.count] }

    private func rectangle(x: Double, y: Double, width: Double, height: Double, fill: String) -> String {
        #"<rect x="\#(number(x))" y="\#(number(y))" width="\#(number(width))" height="\#(number(height))" fill="\#(fill)"/>"#
    }

    private func text(_ text: String, x: Double, y: Double, extra: String) -> String {
        let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(
            ">", with: "&gt;")
        return #"<text x="\#(number(x))" y="\#(number(y))"\#(extra)>\#(escaped)</text>"#
    }

    private func number(_ value: Double) -> String { String(format: "%.1f", value) }
}
