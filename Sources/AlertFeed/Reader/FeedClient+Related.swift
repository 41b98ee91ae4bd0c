public import Alerts
public import Wire

/// Which other alerts may be about what one alert is about.
extension FeedClient {
    /// As ``AlertInquiry/related(to:)``, over a connection of its own.
    /// - tell: gets sentences for whoever runs the program.
    public static func related(
        to id: AlertID, _ settings: ReaderSettings, provinces: ProvinceDirectory,
        tell: @escaping (String) -> Void = { _ in }
    ) throws -> Reply.Related {
        try AlertInquiry(settings, provinces: provinces, tell: tell).related(to: id)
    }
}
