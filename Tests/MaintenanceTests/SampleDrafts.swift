/// What tests with real programs have in common.
enum SampleDrafts {
    /// Invented alerts as an officer writes them.
    static func drafts(_ count: Int, _ headline: String = "An invented van at the pier") -> [String] {
        (0..<count).map { index in
            #"{"kind":"movement","provinces":["Koh Kong"],"headline":"\#(headline) \#(index)","movement":{"mode":"road","direction":"out"}}"#
        }
    }
}
