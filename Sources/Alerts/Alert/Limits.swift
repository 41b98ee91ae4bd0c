extension Alert {
    /// What an alert may hold. Beyond a limit it is refused, with the field's name and the limit.
    /// Characters are Unicode scalars, as XML Schema and most languages count them.
    public enum Limits {
        /// Bytes of the whole alert.
        public static let payload = 65_536
        /// From ``Alert/sent`` to ``Alert/expires``, in milliseconds: a leap year.
        public static let life: Int64 = 366 * 86_400_000
        /// How much earlier, and how much later, than ``Alert/sent`` an id may have been made, in milliseconds: a day, for an
        /// alert that was begun long before it was sent, and a minute.
        public static let idBefore: Int64 = 86_400_000
        public static let idAfter: Int64 = 60_000
        /// From the hub's clock, and from the clock of the post that makes it, to ``Alert/sent``, in milliseconds: a day.
        public static let ahead: Int64 = 86_400_000
        /// Provinces concerned.
        public static let provinces = 12
        /// Alerts updated or cancelled at once.
        public static let references = 32
        /// Characters of a sender's name.
        public static let sender = 40
        /// Characters of the reason of a notice by the hub's operator.
        public static let reason = 400
        /// Characters of a headline in one language (CAP 1.2 recommends 160).
        public static let headline = 160
        /// Characters of a description in one language.
        public static let description = 4_000
        /// Characters of an acknowledgement's note in one language.
        public static let note = 400
        /// Characters of a crossing's name.
        public static let crossing = 80
        /// Characters of a place's name.
        public static let place = 120
        /// Aliases of a suspect, and characters of one.
        public static let aliases = 10
        public static let alias = 80
        /// Documents of a suspect, and characters of a document's number.
        public static let documents = 5
        public static let documentNumber = 24
        /// Characters of a description of marks.
        public static let marks = 400
        /// Characters of a plate or of a vessel's registration, and digits in it.
        public static let plate = 16
        public static let plateDigits = 8
        /// Characters of a colour, and of a make.
        public static let colour = 40
        public static let make = 40
        /// Years of an age.
        public static let age = 120
        /// People in one movement, or in one entry of people at risk.
        public static let people = 10_000
        /// Entries of people at risk.
        public static let atRisk = 50
        /// JSON values of the whole alert, names of fields counted too. Twice what all other limits leave room for.
        public static let values = 2_000
        /// Unknown fields of one object that are looked at one by one; of more only the number is said.
        public static let unknownFields = 250
        /// Problems that are named; the rest is counted.
        public static let problems = 50
    }
}
