package events

import "cmp"

// The types of facts about documents.
const (
	TypeDocumentAnnounced = "document.announced"
	TypeDocumentSigned    = "document.signed"
	TypeDocumentPublished = "document.published"
	TypeDocumentRejected  = "document.rejected"
)

var (
	_ = register[DocumentAnnounced](TypeDocumentAnnounced, KindDocument, "A document is announced.")
	_ = register[DocumentSigned](TypeDocumentSigned, KindDocument, "A document is signed.")
	_ = register[DocumentPublished](TypeDocumentPublished, KindDocument, "The text of a document is published.")
	_ = register[DocumentRejected](TypeDocumentRejected, KindDocument, "A document is rejected, or given up.")
)

// Document is what a fact says of a document. Title and Kind may be left out where
// an earlier fact of the document gave them.
type Document struct {
	Common
	Title   string   `json:"title,omitzero" rule:"owed;max=200" doc:"What the document is called."`
	Kind    string   `json:"kind,omitzero" rule:"owed;enum=joint-statement|agreement|treaty|communique|letter|order|other" doc:"What sort of document."`
	Parties []string `json:"parties,omitzero" rule:"items=100;max=200" doc:"Whose document it is, by name."`
	URL     string   `json:"url,omitzero" rule:"url;max=2000" doc:"Where its text is."`
	Detail  string   `json:"detail,omitzero" rule:"max=2000" doc:"What is said of it."`
}

func (d *Document) validate(at string, f *Faults) { d.attributed(at, f) }

func (d *Document) title(called string) string { return cmp.Or(d.Title, called) }

// DocumentAnnounced is the fact that a document is to come.
type DocumentAnnounced struct{ Document }

func (p *DocumentAnnounced) headline(called string) string { return p.title(called) + " is announced" }

// DocumentSigned is the fact that a document was signed.
type DocumentSigned struct{ Document }

func (p *DocumentSigned) headline(called string) string { return p.title(called) + " is signed" }

// DocumentPublished is the fact that the text of a document was published.
type DocumentPublished struct{ Document }

func (p *DocumentPublished) headline(called string) string { return p.title(called) + " is published" }

// DocumentRejected is the fact that a document was rejected or given up.
type DocumentRejected struct{ Document }

func (p *DocumentRejected) headline(called string) string { return p.title(called) + " is rejected" }
