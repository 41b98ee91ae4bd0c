/// Looks out for numbers that look like a telephone's or a document's while a text goes by, one character at a time:
///
/// - 7 digits or more in a row;
/// - 8 digits or more in groups, with whatever but letters between them, at most ``separators`` of it. Up to two dates
///   (`2026-11-24`, `24/11/2026`) and two times (`06:30`) don't count, as long as fewer than ``strayDigits`` digits stand
///   beside them: a number can be written as times.
struct NumberLookout {
    /// Digits in one row from which a number looks like a telephone's or a document's.
    static let digitsInARow = 7
    /// The same for digits in groups.
    static let digitsInGroups = 8
    /// Characters between two groups of digits up to which they are one number.
    static let separators = 8
    /// Digits beside dates and times from which those count.
    static let strayDigits = 5
    /// Groups that are looked at together.
    static let mostGroups = 64
    /// Dates, and times, that don't count.
    static let mostMoments = 2

    /// Digits in a row.
    private struct Group {
        var length = 0
        /// Of the first digits, as many as a year has.
        var value = 0
        /// What parts it from the group before; nil: nothing does, or several characters.
        var separator: UInt32?
    }

    private(set) var isFound = false
    private var groups: [Group] = []
    private var current = Group()
    /// Characters since the last digit, and the first of them.
    private var gap = 0
    private var separator: UInt32 = 0
    /// Nothing that could belong to a number has gone by: so it is within words.
    private var isIdle = true

    init() {}

    mutating func digit(_ value: Int) {
        isIdle = false
        if current.length == 0 {
            if gap > NumberLookout.separators { close() }
            current.separator = gap == 1 ? separator : nil
        }
        gap = 0
        if current.length < 4 { current.value = current.value * 10 + value }
        current.length += 1
        if current.length >= NumberLookout.digitsInARow { isFound = true }
    }

    mutating func separator(_ scalar: UInt32) {
        guard !isIdle else { return }
        endGroup()
        if gap == 0 { separator = scalar }
        gap += 1
    }

    /// A letter, or the text's end.
    mutating func other() {
        guard !isIdle else { return }
        endGroup()
        close()
        isIdle = true
    }

    private mutating func endGroup() {
        guard current.length > 0 else { return }
        groups.append(current)
        current = Group()
        if groups.count == NumberLookout.mostGroups { close() }
    }

    private mutating func close() {
        gap = 0
        defer { groups.removeAll(keepingCapacity: true) }
        let digits = groups.reduce(0) { $0 + $1.length }
        guard digits >= NumberLookout.digitsInGroups, !isFound else { return }
        var uncounted = 0
        var (dates, times) = (0, 0)
        var index = 0
        while index < groups.count {
            if dates < NumberLookout.mostMoments, isDate(index) {
                uncounted += length(index..<index + 3)
                dates += 1
                index += 3
            } else if times < NumberLookout.mostMoments, let count = time(index) {
                uncounted += length(index..<index + count)
                times += 1
                index += count
            } else {
                index += 1
            }
        }
        isFound = digits - uncounted >= NumberLookout.strayDigits
    }

    private func length(_ range: Range<Int>) -> Int { groups[range].reduce(0) { $0 + $1.length } }

    /// What parts a group from the one before; nil where there is none, or no single character.
    private func separator(before index: Int) -> UInt32? {
        index > 0 && index < groups.count ? groups[index].separator : nil
    }

    /// Three groups with the same `-`, `/` or `.` between them and not around them; the year may be the Buddhist one.
    private func isDate(_ index: Int) -> Bool {
        guard index + 2 < groups.count, let separator = separator(before: index + 1),
            separator == 0x2D || separator == 0x2E || separator == 0x2F,
            self.separator(before: index + 2) == separator, self.separator(before: index) != separator,
            self.separator(before: index + 3) != separator
        else { return false }
        let (first, second, third) = (groups[index], groups[index + 1], groups[index + 2])
        let (year, day) = first.length == 4 ? (first, third) : (third, first)
        return year.length == 4 && (1900...2699).contains(year.value) && second.length <= 2 && day.length <= 2
            && (1...31).contains(day.value) && (1...31).contains(second.value)
            && min(day.value, second.value) <= 12
    }

    /// Groups of an hour, minutes and perhaps seconds; nil where it is no time.
    private func time(_ index: Int) -> Int? {
        guard separator(before: index) != 0x3A, groups[index].length <= 2, groups[index].value < 24 else {
            return nil
        }
        var count = 1
        while separator(before: index + count) == 0x3A {
            guard count < 3, groups[index + count].length == 2, groups[index + count].value < 60 else {
                return nil
            }
            count += 1
        }
        return count > 1 ? count : nil
    }
}
