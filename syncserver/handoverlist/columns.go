package handoverlist

// tableKind is which of the three tables a sheet holds.
type tableKind string

const (
	unitTable        tableKind = "units"
	scopeTable       tableKind = "scopes"
	appointmentTable tableKind = "appointments"
)

// columnID names a column independently of its header.
type columnID string

// Columns of the three tables.
const (
	colBuilding     columnID = "building"
	colEntrance     columnID = "entrance"
	colFloor        columnID = "floor"
	colNumber       columnID = "number"
	colLayout       columnID = "layout"
	colFitOut       columnID = "fit_out"
	colContractArea columnID = "contract_area"
	colSurveyedArea columnID = "surveyed_area"
	colCompletedOn  columnID = "completed_on"
	colHandoverOn   columnID = "handover_on"
	colOwners       columnID = "owners"
	colPhone        columnID = "phone"
	colIDLast4      columnID = "id_last4"
	colBank         columnID = "bank"
	colNote         columnID = "note"

	colCompany       columnID = "company"
	colPartyKind     columnID = "party_kind"
	colTrades        columnID = "trades"
	colBuildings     columnID = "buildings"
	colWarrantyStart columnID = "warranty_start"
	colLiabilityEnd  columnID = "liability_end"
	colSettlement    columnID = "settlement"
	colRetention     columnID = "retention"
	colFeeRate       columnID = "fee_rate"
	colResponse      columnID = "response"
	colContact       columnID = "contact"

	colDate      columnID = "date"
	colSlot      columnID = "slot"
	colInspector columnID = "inspector"
	colArrived   columnID = "arrived"
)

// unitSet maps what a header may give as a unit of measure, folded, to the
// factor to the column's own unit; nil columns take no unit.
type unitSet map[string]int64

var (
	squareMetres = unitSet{"m2": 1, "sqm": 1, "平方米": 1, "平米": 1, "squaremetres": 1, "squaremeters": 1}
	yuan         = unitSet{"元": 1, "人民币": 1, "人民币元": 1, "rmb": 1, "cny": 1, "yuan": 1, "万元": 10_000, "万": 10_000, "亿元": 100_000_000}
	hours        = unitSet{"小时": 1, "h": 1, "hour": 1, "hours": 1}
	// percent marks headers; a plain number of 1 or less under it is ambiguous.
	percent = unitSet{"%": 1, "percent": 1, "百分比": 1}
)

// columnSpec says how a column is recognised. Names are folded headers.
type columnSpec struct {
	id    columnID
	names []string
	units unitSet
}

// tableSpec says how a table is recognised: all required columns and at least
// minTelling of the telling ones, which tell it from tables with similar columns.
type tableSpec struct {
	kind       tableKind
	required   []columnID
	telling    []columnID
	minTelling int
	columns    []columnSpec
}

var (
	buildingColumn = columnSpec{id: colBuilding, names: []string{"楼栋", "楼号", "栋号", "楼栋号", "幢号", "楼幢", "栋", "building", "buildingno", "buildingnumber", "block", "tower"}}
	entranceColumn = columnSpec{id: colEntrance, names: []string{"单元", "单元号", "entrance", "entranceno", "stairwell", "stair"}}
	numberColumn   = columnSpec{id: colNumber, names: []string{"房号", "房间号", "室号", "户号", "门牌号", "房间", "number", "unit", "unitno", "unitnumber", "flat", "flatno", "flatnumber", "room", "roomno", "roomnumber", "apartment"}}
	phoneNames     = []string{"联系电话", "电话", "手机", "手机号", "手机号码", "联系方式", "phone", "phoneno", "phonenumber", "mobile", "tel", "telephone"}
)

var tableSpecs = []tableSpec{
	{
		kind:     unitTable,
		required: []columnID{colBuilding, colNumber},
		telling: []columnID{
			colFloor, colLayout, colFitOut, colContractArea, colSurveyedArea, colCompletedOn, colHandoverOn, colOwners,
		},
		minTelling: 2,
		columns: []columnSpec{
			buildingColumn, entranceColumn, numberColumn,
			{id: colFloor, names: []string{"楼层", "层", "所在层", "所在楼层", "floor", "storey", "level"}},
			{id: colLayout, names: []string{"户型", "户型名称", "layout", "layouttype", "flattype", "unittype", "type"}},
			{id: colFitOut, names: []string{"装修标准", "装修", "装修类型", "交付标准", "fitout", "fitouttype", "finish", "deliverystandard"}},
			{id: colContractArea, units: squareMetres, names: []string{"预测面积", "合同面积", "预售面积", "预测建筑面积", "合同建筑面积", "建筑面积预测", "建筑面积", "面积", "contractarea", "contractedarea", "presalearea", "area"}},
			{id: colSurveyedArea, units: squareMetres, names: []string{"实测面积", "实测建筑面积", "建筑面积实测", "surveyedarea", "measuredarea", "surveyarea"}},
			{id: colCompletedOn, names: []string{"竣工验收日期", "竣工日期", "竣工验收", "竣工备案日期", "completiondate", "completedon", "completionacceptancedate", "completionacceptance"}},
			{id: colHandoverOn, names: []string{"合同交付日期", "约定交付日期", "合同交房日期", "交付日期", "交房日期", "contracthandoverdate", "contracthandover", "contractualhandoverdate", "handoverdate"}},
			{id: colOwners, names: []string{"业主姓名", "业主", "业主名称", "客户姓名", "买受人", "产权人", "owner", "owners", "ownername", "ownernames", "homeowner", "homeowners"}},
			{id: colPhone, names: phoneNames},
			{id: colIDLast4, names: []string{"身份证后四位", "身份证后4位", "证件后四位", "证件号后四位", "idlast4", "idlastfour", "last4ofid", "idcardlast4"}},
			{id: colBank, names: []string{"按揭银行", "贷款银行", "银行", "bank", "mortgagebank", "loanbank"}},
			{id: colNote, names: []string{"备注", "说明", "note", "notes", "remark", "remarks", "comment"}},
		},
	},
	{
		kind:       scopeTable,
		required:   []columnID{colCompany, colPartyKind, colTrades, colBuildings},
		telling:    []columnID{colWarrantyStart, colLiabilityEnd, colSettlement, colRetention, colResponse, colContact},
		minTelling: 1,
		columns: []columnSpec{
			{id: colCompany, names: []string{"单位名称", "单位", "公司名称", "公司", "承包单位", "责任单位", "施工单位", "company", "companyname", "contractor", "party"}},
			{id: colPartyKind, names: []string{"类别", "单位类别", "类型", "kind", "type", "category", "partykind", "contractortype"}},
			{id: colTrades, names: []string{"专业", "承包专业", "承包内容", "工种", "trade", "trades", "works"}},
			{id: colBuildings, names: []string{"楼栋范围", "楼栋", "承包楼栋", "范围", "building", "buildings", "buildingrange"}},
			{id: colWarrantyStart, names: []string{"质保起算日", "质保起算日期", "保修起算日", "质保开始日期", "warrantystart", "warrantystartdate", "warrantyfrom"}},
			{id: colLiabilityEnd, names: []string{"缺陷责任期止", "缺陷责任期届满日", "质保截止日", "缺陷责任期止日", "liabilityend", "liabilityenddate", "defectsliabilityend", "defectliabilityend"}},
			{id: colSettlement, units: yuan, names: []string{"合同结算价", "结算价", "合同价", "合同金额", "settlementprice", "settlement", "contractprice", "contractsum"}},
			{id: colRetention, units: percent, names: []string{"质保金比例", "质保金率", "保修金比例", "retentionrate", "retention"}},
			{id: colFeeRate, units: percent, names: []string{"代工管理费率", "代修管理费率", "管理费率", "managementfeerate", "feerate", "managementfee"}},
			{id: colResponse, units: hours, names: []string{"响应时限", "响应时间", "responsetime", "responselimit", "response", "responsehours"}},
			{id: colContact, names: []string{"负责人", "联系人", "项目负责人", "contact", "contactperson", "contactname", "responsibleperson"}},
			{id: colPhone, names: phoneNames},
		},
	},
	{
		kind:       appointmentTable,
		required:   []columnID{colDate, colBuilding, colNumber},
		telling:    []columnID{colSlot, colInspector, colArrived},
		minTelling: 1,
		columns: []columnSpec{
			buildingColumn, entranceColumn, numberColumn,
			{id: colDate, names: []string{"日期", "预约日期", "验房日期", "date", "appointmentdate", "day"}},
			{id: colSlot, names: []string{"时段", "预约时段", "时间", "预约时间", "slot", "timeslot", "time"}},
			{id: colInspector, names: []string{"验房员", "验房工程师", "陪验人", "陪验员", "inspector", "inspectorname"}},
			{id: colArrived, names: []string{"到场", "到场时间", "是否到场", "签到", "arrived", "arrivedat", "arrival"}},
		},
	},
}
