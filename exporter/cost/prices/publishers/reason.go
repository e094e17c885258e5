package publishers

// Reason is why a model, or one price of it, was left out.
type Reason string

// The reasons.
const (
	Free      Reason = "price of 0 or no price: free, a preview or not told"
	Variant   Reason = "a :free variant"
	NotTokens Reason = "not priced by the token but by image, second, character, page or query"
	NotText   Reason = "makes no text: an embedding, image, audio, video or search model"
	HalfTold  Reason = "no price for input, or none for output"
	Varies    Reason = "no fixed price: a router, which bills what it picks"
	Alias     Reason = "a name that moves on to the newest model"
	PerCall   Reason = "also billed by the request"
	Broken    Reason = "a price that is no number or out of all range, or a name that cannot be printed"
	Condition Reason = "prices under conditions that are not understood"
	Twice     Reason = "the same provider and model once more"
)
